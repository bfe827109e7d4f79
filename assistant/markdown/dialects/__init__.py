"""Marks that dialects of Markdown add to it, each found in a block of prose. Pure.

code_in_prose  What of prose is code: spans within a line, and lines that nobody put into a fence
edit           A mark that is not read: where it stands, and what is read in its place
encoded_data   Data that notes carry as text, which nobody reads: images in base64, drawings, rulers
html           Comments, tags of elements and of MDX components, character references
logseq         What Logseq adds: properties of blocks, references to blocks, macros
mdx            What MDX and Docusaurus add: imports, comments in braces, admonitions
mkdocs         What MkDocs adds: heads of admonitions and tabs, lists of attributes
obsidian       What Obsidian adds: comments, callouts, wikilinks, highlights, block names
tags           Tags in prose, ``#tag`` and ``#a/b``
templates      What programs fill in before a note is seen: shortcodes, Liquid, Templater, Dataview
"""
