"""What a run worked out before: content by key, in a folder of the project's cache, of which nothing has to be trusted.

    with Entries(project.cache / "generation") as entries:
        known = entries.get(key)
        if known is None:
            entries.put(key, worked_out)

The folder can be deleted at any time, and a run without it comes to the same. An entry counts only if this user's
Speccast wrote it under this very key (`secret`); anything else is as if it were not there. `Seen` tells what a file holds
from what the file system says of it, where that is certain.
"""

from speccast.cache.entries import NOTHING, Entries, key_of, make_cache_folder
from speccast.cache.seen import Seen

__all__ = ["NOTHING", "Entries", "Seen", "key_of", "make_cache_folder"]
