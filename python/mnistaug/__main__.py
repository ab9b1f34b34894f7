"""Runs the program, in the place of Python where the system can do so."""
import os
import subprocess
import sys

from mnistaug import find_bin


def main():
    command = [find_bin(), *sys.argv[1:]]
    if os.name == "posix":
        os.execv(command[0], command)
    sys.exit(subprocess.run(command, check=False).returncode)


if __name__ == "__main__":
    main()
