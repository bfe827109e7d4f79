"""A space of an index on a server as the one who builds it changes it.

copying   An index taken from a folder to a server, or back, without embedding anything again
engine    Changes of chunks behind the interface of ``store.engine``
keeper    Texts kept from anywhere: what the workers of a build write themselves
lock      One builder of a space at a time, on a server that has no locks
notes     What a build does to the notes of a space, and to their entries
sweeping  Rows that die, that a stopped build left, that nobody reads any more
update    What a build does to a space, one generation after the other
"""
