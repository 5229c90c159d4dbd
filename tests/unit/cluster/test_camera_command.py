"""What the command `camera` imports: viewers wait for it after a crash."""

import subprocess
import sys

from app.paths import PROJECT


def test_a_camera_process_imports_no_database_and_no_server():
    program = "import sys, app.cluster.camera_process; print({'sqlalchemy', 'flask', 'cv2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True)
    assert done.stdout.strip() == "set()"
