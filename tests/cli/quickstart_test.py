"""The quickstart, run to its end and stopped on the way: it leaves nothing behind."""

import contextlib
import os
import re
import signal
import subprocess

import cli_support
from cli_support import BOUND, MIB, Case, large_wav


class Quickstart(Case):
    server = False

    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "tmp"
        self.temporary.mkdir()
        self.environment["TMPDIR"] = str(self.temporary)

    def start(self, *arguments):
        process = subprocess.Popen([cli_support.PROGRAM, *arguments], env=self.environment, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (process.kill(), process.wait(BOUND), process.stdout.close(), process.stderr.close()))
        return process

    def finish(self, process, code):
        out, err = process.communicate(timeout=BOUND)
        self.assertEqual(process.returncode, code, out + err)
        self.assertEqual(os.listdir(self.temporary), [])
        return out, err

    def stored(self):
        """Bytes below the temporary folder, while files come and go."""
        total = 0
        for folder, _, names in os.walk(self.temporary):
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    total += os.stat(os.path.join(folder, name)).st_size
        return total

    def test_runs_to_its_end(self):
        out, _ = self.finish(self.start(), 0)
        self.assertRegex(out, "deleted +the URL now answers 404")

    def test_keeps_the_take_until_a_signal_ends_it(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start("--keep")
            while not re.search("Ctrl-C ends", line := process.stdout.readline()):
                self.assertTrue(line, "it ended by itself")
            self.assertGreater(self.stored(), 100_000)
            process.send_signal(number)
            self.assertRegex(self.finish(process, 0)[0], "deleted +the URL now answers 404")

    def test_stopped_on_the_way_it_says_so(self):
        take = self.file("take.wav", large_wav(90 * MIB))
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.start(take)
            self.wait_until(lambda: self.stored() > MIB)
            process.send_signal(number)
            self.assertRegex(self.finish(process, 130)[1], "^quickstart: cancelled")


if __name__ == "__main__":
    cli_support.main()
