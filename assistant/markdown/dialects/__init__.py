"""Marks that dialects of Markdown add to it, each found in a block of prose. Pure.

code_in_prose  What of prose is code: spans within a line, and lines that nobody put into a fence
edit           A mark that is not read: where it stands, and what is read in its place
html           HTML in Markdown: comments, and the tags that fold a part away
mkdocs         What MkDocs adds: heads of admonitions and tabs, lists of attributes
obsidian       What Obsidian adds: comments, callouts, wikilinks, highlights, block names
tags           Tags in prose, ``#tag`` and ``#a/b``
"""
