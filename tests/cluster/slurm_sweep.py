#!/usr/bin/env python3
"""Starts a Slurm of one node (Debian: slurm-wlm, munge), runs scripts/slurm_sweep.sbatch on it as its users would, and
compares the results with those of one machine.

    tests/cluster/slurm_sweep.py PROGRAM
Exit code 77: Slurm is not installed (scripts/install-deps cluster), or not root, which its daemons need here.
"""
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SKIPPED = 77
PATIENCE_S = 120

CONFIG = """
ClusterName=one
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
CredType=cred/munge
SlurmctldPort={port}
SlurmdPort={node_port}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
ReturnToService=2
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs={cores} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def command(*arguments, env=None):
    result = subprocess.run(arguments, env=env, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, arguments))}: {result.stdout}{result.stderr}")
    return result.stdout


def wait_until(what, done):
    for _ in range(PATIENCE_S * 2):
        if done():
            return
        time.sleep(0.5)
    raise RuntimeError(f"{what} takes longer than {PATIENCE_S} s")


class Cluster:
    """Munge and Slurm of this machine alone, all of their files in one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.env = dict(os.environ, SLURM_CONF=f"{folder}/slurm.conf")
        host = socket.gethostname().split(".")[0]
        for name, mode in (("munge", 0o711), ("state", 0o755), ("spool", 0o755)):
            (folder / name).mkdir(mode=mode)
        key = folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        (folder / "slurm.conf").write_text(CONFIG.format(
            host=host, folder=folder, port=free_port(), node_port=free_port(), cores=os.cpu_count()))

    def __enter__(self):
        munge = self.folder / "munge"
        try:
            command("munged", "--force", f"--key-file={self.folder}/munge.key", f"--socket={munge}/socket",
                    f"--pid-file={munge}/pid", f"--log-file={munge}/log", f"--seed-file={munge}/seed")
            command("slurmctld", "-f", f"{self.folder}/slurm.conf", env=self.env)
            command("slurmd", "-f", f"{self.folder}/slurm.conf", env=self.env)
            wait_until("a node that is ready", lambda: "idle" in self.ask("sinfo", "-h", "-o", "%T"))
        except Exception:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for file in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
            path = self.folder / file
            if path.exists():
                os.kill(int(path.read_text()), signal.SIGTERM)

    def ask(self, *arguments):
        return subprocess.run(arguments, env=self.env, capture_output=True, text=True, check=False).stdout

    def submit(self, program, *arguments):
        env = dict(self.env, MXSIM=str(program))
        return command("sbatch", "--parsable", "-o", f"{self.folder}/%x-%A_%a.log", *arguments, env=env).strip()

    def finish(self):
        wait_until("the job", lambda: not self.ask("squeue", "-h").strip())


def sorted_lines(path):
    return sorted(path.read_text().splitlines())


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    tools = ("munged", "slurmctld", "slurmd", "sbatch")
    if os.getuid() != 0 or not all(shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin") for tool in tools):
        print("needs root and Slurm: scripts/install-deps cluster")
        return SKIPPED
    os.environ["PATH"] += ":/usr/sbin"
    sweep, script = ROOT / "configs/sweeps/tiny_cnn.json", ROOT / "scripts/slurm_sweep.sbatch"
    with tempfile.TemporaryDirectory(prefix="mxsim-slurm-") as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        command(program, "sweep", sweep, "--out", folder / "alone")
        with Cluster(folder) as cluster:
            array = cluster.submit(program, "--array=1-3", script, sweep, folder / "array")
            cluster.submit(program, f"--dependency=afterany:{array}", script, sweep, folder / "array")
            cluster.finish()
            shards = sorted(path.name for path in (folder / "array").glob("results.*-of-*.jsonl"))
            assert shards == [f"results.{i}-of-3.jsonl" for i in (1, 2, 3)], shards
            assert all(len(sorted_lines(folder / "array" / shard)) == 4 for shard in shards)
        assert sorted_lines(folder / "array/results.jsonl") == sorted_lines(folder / "alone/results.jsonl")
        assert (folder / "array/results.csv").read_bytes() == (folder / "alone/results.csv").read_bytes()
    return 0


if __name__ == "__main__":
    sys.exit(main())
