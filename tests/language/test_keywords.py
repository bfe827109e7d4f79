"""Tests of the words that tell groups of texts apart."""

from __future__ import annotations

from assistant.language.keywords import MOST, keywords


def test_words_are_those_that_the_others_have_not() -> None:
    """What all groups say tells none of them; words of one stem count as one."""
    eggs = ["boil the egg in water", "boiling eggs", "fry an egg in a pan with water"]
    tensors = ["a tensor in water", "reshape tensors", "the tensor of a pan"]
    first, second = keywords([eggs, tensors])

    assert first[0].startswith("egg")
    assert second[0].startswith("tensor")
    assert "water" not in first[:1] + second[:1]
    assert not {"boil", "boiling"} <= set(first)
    assert len(first) <= MOST


def test_words_without_meaning_are_none() -> None:
    """Numbers, little words, paths as long as lines, and what one text of many says."""
    path = "collection/of/all/" + "x" * 60
    assert keywords([["the 12 of it", f"the 12 {path}"]]) == [[]]
    assert keywords([["rare word", "other thing"]]) == [[]]
    assert keywords([["single text"]]) == [["single", "text"]]
    assert keywords([]) == []


def test_chinese_words_are_pairs() -> None:
    """Scripts without spaces have words of two characters."""
    assert "鸡蛋" in keywords([["煮鸡蛋", "炒鸡蛋"], ["释放显存", "显存不足"]])[0]
