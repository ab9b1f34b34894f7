"""Stand-ins for torch, torchvision and transformers, where they are not installed.

mosaicml-streaming imports them for base classes and type names only; what reads MDS files is its own code, NumPy and Pillow. Together they are 2 GB, so
that the check of MDS files makes do with empty classes under their names. Nothing is stood in for where the real package is there.
"""
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types

NAMES = ("torch", "torchvision", "transformers")


class StandIn(types.ModuleType):
    """A module in which every name is an empty class."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        # There is no process group and there are no loader workers.
        if name in ("is_available", "is_initialized"):
            return lambda: False
        if name == "get_worker_info":
            return lambda: None
        made = type(name, (), {"__class_getitem__": classmethod(lambda cls, _: cls)})
        setattr(self, name, made)
        return made


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, names):
        self.names = names

    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.names:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module):
        module.__path__ = []


MISSING = [name for name in NAMES if importlib.util.find_spec(name) is None]
sys.meta_path.append(Finder(MISSING))
