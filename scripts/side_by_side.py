"""Work of a study on all cores, with its progress on standard error."""
import concurrent.futures
import os
import sys

CORES = os.cpu_count() or 1


def side_by_side(work, items, jobs=CORES, called="study"):
    """[work(item)] in the order of the items, `jobs` at a time; a bar on a terminal, else a line for each that is done."""
    items = list(items)
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        running = [pool.submit(work, item) for item in items]
        try:
            for done, future in enumerate(concurrent.futures.as_completed(running), 1):
                future.result()
                show(called, done, len(items))
        except BaseException:
            for future in running:
                future.cancel()
            raise
    return [future.result() for future in running]


def show(called, done, total):
    if sys.stderr.isatty():
        bar = "#" * (20 * done // total)
        print(f"\r{called} [{bar:20}] {done}/{total}\033[K", end="\n" if done == total else "", file=sys.stderr, flush=True)
    else:
        print(f"{called}: {done} of {total}", file=sys.stderr, flush=True)
