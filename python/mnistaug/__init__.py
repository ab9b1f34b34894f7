"""Where the program is that came with this package: `mnistaug.find_bin()`. `python -m mnistaug` runs it."""
import os
import shutil
import sys
import sysconfig

__all__ = ["find_bin"]


def find_bin():
    """The path of the program `mnistaug`.

    It is looked for where this Python's scripts are installed, where those of the user are, beside this package (as `pip install --target` puts it), and on the
    path. Raises FileNotFoundError where it is nowhere.
    """
    name = "mnistaug" + (sysconfig.get_config_var("EXE") or "")
    here = os.path.dirname(os.path.abspath(__file__))
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", scheme=_user_scheme()),
        os.path.join(os.path.dirname(here), "bin"),
        os.path.join(sys.prefix, "bin"),
    ]
    for folder in folders:
        path = os.path.join(folder, name) if folder else None
        if path and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    path = shutil.which(name)
    if path is None:
        raise FileNotFoundError(f"{name} is not installed beside this package")
    return path


def _user_scheme():
    if sys.version_info >= (3, 10):
        return sysconfig.get_preferred_scheme("user")
    return "nt_user" if os.name == "nt" else "posix_user"
