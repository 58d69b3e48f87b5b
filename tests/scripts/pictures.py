"""What the tests of the plot scripts share."""

import importlib.util
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
    sys.path.insert(0, str(SCRIPTS))
    spec = importlib.util.spec_from_file_location(name.removesuffix(".py"), SCRIPTS / name)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


def bytes_of_pictures(folder):
    return {file.name: file.read_bytes() for file in sorted(Path(folder).iterdir()) if file.suffix in (".png", ".svg")}
