"""What the tests of the plot scripts share."""

import importlib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "scripts"


def texts(svg):
    """Everything that is written in a picture; matplotlib keeps it as comments beside the drawn letters."""
    parser = ElementTree.XMLParser(target=ElementTree.TreeBuilder(insert_comments=True))
    tree = ElementTree.parse(svg, parser)
    return {node.text.strip() for node in tree.iter() if node.tag is ElementTree.Comment}


def run_script(name, *arguments):
    return subprocess.run([sys.executable, SCRIPTS / name, *arguments], check=False, capture_output=True, text=True)


def load_script(name):
    """The module of the package that the script draws with."""
    sys.path.insert(0, str(SCRIPTS.parent / "sim/python/mxsim"))
    return importlib.import_module("figures." + name.removesuffix(".py").removeprefix("plot_"))


def bytes_of_pictures(folder):
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir()) if file.suffix in (".png", ".svg")}
