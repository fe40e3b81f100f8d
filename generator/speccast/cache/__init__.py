"""Results of earlier runs, kept in the user's own cache folder.

    with Entries() as entries:
        content = entries.get(key)
        if content is None:
            entries.put(key, compute())

The output never depends on the cache, and the cache can be deleted at any time. It is outside of every project, so that a
checkout, an archive or a restored CI cache of a project cannot bring entries along (`user_folder`).
"""

from speccast.cache.entries import NO_ENTRIES, Entries, key_of
from speccast.cache.user import read_own_file, user_folder

__all__ = ["NO_ENTRIES", "Entries", "key_of", "read_own_file", "user_folder"]
