# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Arms the way back of a change before it is committed, and disarms it once the change is confirmed."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ..asterisk import configuration
from ..database import store, unconfirmed
from ..definition.problem import DirectoryError
from ..host import reserve
from ..planning import deadline
from ..planning.deadline import Waiting
from . import timer

if t.TYPE_CHECKING:
    from ..database.history import Origin

#: What is kept in the folder of the configuration besides the text of ports and trunks, in bytes.
_ROOM_BESIDES = 1 << 16


class Wish(t.NamedTuple):
    """How a change is to wait."""

    #: For how many seconds.
    within: int
    may_restart: bool
    #: The folder of Asterisk's configuration.
    folder: str
    #: Puts the programs on the host that take it back.
    put_programs: t.Callable[[], object]


@contextlib.contextmanager
def armed(directory: store.Store, path: str, origin: Origin, wish: Wish) -> t.Iterator[None]:
    """Have the change that is applied in this transaction wait; where the block fails it is as it was.

    Room for the way back is kept, and the host looks, before anything is committed. ``path`` is the
    database's. Raises DirectoryError, and OSError where there is no such room.
    """
    earlier = unconfirmed.read(path)
    waiting = Waiting(
        before=int(directory.setting(unconfirmed.FIRST) or 0),
        within=wish.within,
        since=unconfirmed.now(),
        may_restart=wish.may_restart,
        user=origin.user,
        controller=origin.controller,
    )
    try:
        _keep_room(directory, path, wish.folder)
        wish.put_programs()
        unconfirmed.write(path, waiting)
        timer.start()
        yield
    except BaseException:
        # The timer finds nothing that waits, and stops by itself.
        with contextlib.suppress(OSError):
            if earlier is None:
                release(path, wish.folder)
            else:
                unconfirmed.write(path, earlier)
        raise


def confirm(path: str, folder: str) -> Waiting | None:
    """Confirm what waits, and return it; None where nothing does. Raises DirectoryError and OSError."""
    with store.writing(path) as directory:
        waiting = directory.unconfirmed.waiting()
        if waiting is not None:
            _end(directory, path, folder)
    return waiting


def finish(path: str, folder: str, over: Waiting | None) -> None:
    """Have the host look no more, unless something else than ``over`` waits.

    Raises DirectoryError and OSError.
    """
    if not store.exists(path):
        release(path, folder)
        timer.stop()
        return
    with store.writing(path) as directory:
        if unconfirmed.read(path) == over:
            _end(directory, path, folder)


def is_still_due(path: str, due: Waiting) -> bool:
    """Tell, with the write lock, whether this is still to be taken back. Raises DirectoryError, OSError."""
    return unconfirmed.read(path) == due and deadline.is_due(due, unconfirmed.now())


def room_beside(folder: str) -> str:
    """Return the path of the room that is kept in the folder of the configuration."""
    return os.path.join(folder, ".voiceops-reserve")


@contextlib.contextmanager
def room_given(path: str, folder: str) -> t.Iterator[None]:
    """Give free the room that is kept, before anything is opened; keep it again where the block fails."""
    kept = {}
    for place in (unconfirmed.reserved(path), room_beside(folder)):
        with contextlib.suppress(FileNotFoundError):
            kept[place] = os.lstat(place).st_size
            reserve.release(place)
    try:
        yield
    except BaseException:
        for place, size in kept.items():
            with contextlib.suppress(OSError):
                reserve.hold(place, size)
        raise


def release(path: str, folder: str) -> None:
    """Have nothing wait, and give free what was kept for it. Raises OSError."""
    unconfirmed.remove(path)
    reserve.release(room_beside(folder))


def _end(directory: store.Store, path: str, folder: str) -> None:
    release(path, folder)
    directory.unconfirmed.end()
    timer.stop()


def _keep_room(directory: store.Store, path: str, folder: str) -> None:
    # The text that comes back is the one that is there now.
    size = 0
    for name in configuration.FILES:
        with contextlib.suppress(FileNotFoundError):
            size += os.stat(os.path.join(folder, name)).st_size
    kept = {
        unconfirmed.reserved(path): directory.unconfirmed.room(),
        room_beside(folder): 2 * size + _ROOM_BESIDES,
    }
    for place, needed in kept.items():
        try:
            reserve.hold(place, needed)
        except OSError as error:
            raise DirectoryError(
                f"there is no room for the way back, for which {needed:,} bytes are kept as {place}:"
                f" {error.strerror or error}. Nothing was changed"
            ) from error
