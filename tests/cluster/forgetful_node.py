"""A web node that forgets a camera soon: `python -m tests.cluster.forgetful_node web --server threading ...`.

Its constant is changed before the app starts, so that it needs a server that patches no standard library.
"""

from __future__ import annotations

from app.__main__ import main
from app.cluster.node import camera_directory

# A living camera tells of itself each second.
FORGET_AFTER_S = 5.0

if __name__ == "__main__":
    camera_directory.FORGET_AFTER_S = FORGET_AFTER_S
    main()
