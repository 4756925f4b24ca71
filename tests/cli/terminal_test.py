"""What a person at a terminal sees: bars, questions, Ctrl-C, and how an upload goes on afterwards."""

import json
import os
import re
import signal
import subprocess

import cli_support
from cli_support import MIB, Case, Gate, Terminal, large_wav, wav


class Progress(Case):
    def test_bars_and_a_total_on_a_terminal(self):
        for name in "abc":
            self.file(f"{name}.wav", large_wav(3 * MIB, seed=ord(name)))
        terminal = Terminal(self, "put", "a.wav", "b.wav", "c.wav", "none.wav")
        self.assertEqual(terminal.wait(), 3)
        self.assertRegex(terminal.text, r"[abc]\.wav +\[#*\.*\] +\d+ % +[\d.]+ [KM]?i?B / [\d.]+ MiB")
        self.assertEqual(terminal.screen[0], "audiostore: none.wav: not_found: there is no such file")
        self.assertEqual(sorted(terminal.screen[1:4]), [f"stored {name}.wav (3.0 MiB, audio/wav)" for name in "abc"])
        self.assertRegex(terminal.screen[4], r"^total 100 %  9\.0 MiB / 9\.0 MiB  [\d.]+ [KMG]iB/s  3 of 3$")

    def test_download(self):
        self.put("a.wav", large_wav(3 * MIB))
        terminal = Terminal(self, "get", "a.wav", "b.wav")
        self.assertEqual(terminal.wait(), 0)
        self.assertRegex(terminal.screen[0], r"^total 100 %  3\.0 MiB / 3\.0 MiB")
        self.assertEqual(terminal.screen[1:], ["saved b.wav (3.0 MiB)"])

    def test_no_line_is_longer_than_the_terminal(self):
        name = "a" * 60 + ".wav"
        self.file(name, large_wav(3 * MIB))
        for columns in (30, 60, 120):
            terminal = Terminal(self, "put", name, columns=columns)
            self.assertEqual(terminal.wait(), 0)
            frames = [line for line in re.split(r"[\r\n]|\x1b\[\d[AK]", terminal.text) if line.endswith("% ") or " % " in line]
            drawn = [line for line in frames if not line.startswith("total 100 %")]
            self.assertTrue(drawn)
            self.assertLess(max(map(len, drawn)), columns)

    def test_a_narrow_and_low_terminal_is_left_clean(self):
        """No line wraps and none scrolls out of reach: either could not be taken back."""
        names = [self.file(f"{i}.wav", large_wav(MIB, seed=i)) for i in range(12)]
        for rows, columns in ((6, 30), (1, 1), (24, 61), (5, 80)):
            terminal = Terminal(self, "put", *names, "--concurrency", "12", rows=rows, columns=columns)
            self.assertEqual(terminal.wait(), 0)
            drawn = re.sub(r"\x1b\[\d?[A-Z]", "", terminal.text).replace("\r", "").splitlines()
            bars = [line for line in drawn if not line.startswith(("stored ", "total 100 %  12.0 MiB / 12.0 MiB"))]
            self.assertTrue(bars)
            self.assertLess(max(len(line) for line in bars), max(columns, 2), (rows, columns))
            self.assertLess(max(len(up) for up in re.findall(r"(?:\x1b\[1A\x1b\[2K)+", terminal.text)) // 8, max(rows, 3))

    def test_no_escape_sequences_where_the_terminal_has_none(self):
        name = self.file("a.wav", large_wav(3 * MIB))
        for term in ("dumb", ""):
            terminal = Terminal(self, "put", name, term=term)
            self.assertEqual(terminal.wait(), 0)
            self.assertEqual(terminal.text, "stored a.wav (3.0 MiB, audio/wav)\r\n", repr(term))

    def test_nothing_of_it_elsewhere(self):
        name = self.file("a.wav", large_wav(3 * MIB))
        outcome = self.run_program("put", name)
        self.assertEqual((outcome.out, outcome.err), ("stored a.wav (3.0 MiB, audio/wav)\n", ""))
        terminal = Terminal(self, "put", name, "--json")
        self.assertEqual(terminal.wait(), 0)
        self.assertTrue(json.loads(terminal.text)["success"])


class Question(Case):
    def answer(self, text):
        self.put("a.wav")
        terminal = Terminal(self, "rm", "a.wav")
        terminal.wait_for(re.escape("Delete a.wav (15.7 KiB) for good? [y/N] "))
        terminal.type(text)
        self.assertEqual(terminal.wait(), 0)
        return self.keys()

    def test_yes_and_nothing_else_deletes(self):
        for text in ("n\n", "\n", "yy\n", "\x04"):
            self.assertEqual(self.answer(text), ["a.wav"], repr(text))
        for text in ("y\n", "yes\n", "Y\n", "Yes\n"):
            self.assertEqual(self.answer(text), [], repr(text))


class Interrupted(Case):
    size = 40 * MIB

    def setUp(self):
        super().setUp()
        self.take = large_wav(self.size)
        self.name = self.file("take.wav", self.take)
        self.gate = Gate(self, limit=20 * MIB)  # two parts of 8 MiB, and some of the third
        self.environment["AWS_ENDPOINT_URL_S3"] = self.gate.url

    def stop_in_the_middle(self):
        terminal = Terminal(self, "put", "take.wav", "--concurrency", "1")
        terminal.wait_for(r"take\.wav +\[#+\.+\] +[56]\d %")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 130)
        return terminal.text

    def put_again(self):
        """How many bytes were not sent again."""
        (done,) = self.run_program("put", "take.wav", "--json").json["results"]
        return done["resumedFrom"]

    def test_ctrl_c_says_what_is_resumable_and_the_same_command_goes_on(self):
        self.assertRegex(self.stop_in_the_middle(), r"resumable: 16\.0 MiB of 40\.0 MiB of take\.wav are stored")
        before = self.gate.sent
        self.gate.open()
        self.assertEqual(self.keys(), [])
        self.assertEqual(self.put_again(), 16 * MIB)
        self.assertLess(self.gate.sent - before, 32 * MIB)  # 24, and what the gate still held
        self.assertEqual(self.run_program("get", "take.wav", "-").bytes, self.take)
        self.assertEqual(list((self.folder / "state/audiostore/uploads").iterdir()), [])

    def test_files_that_were_not_begun_are_counted_not_listed(self):
        others = [self.file(f"{i}.wav", wav()) for i in range(5)]
        terminal = Terminal(self, "put", "take.wav", *others, "--concurrency", "1")
        terminal.wait_for(r"take\.wav +\[#+\.+\] +[56]\d %")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertIn("cancelled: 5 files not begun", terminal.text)
        self.assertEqual(len(re.findall("audiostore: ", terminal.text)), 2)

    def test_what_was_kept_is_for_its_owner_only_and_holds_no_secret(self):
        self.stop_in_the_middle()
        folder = self.folder / "state/audiostore/uploads"
        self.assertEqual(folder.stat().st_mode & 0o777, 0o700)
        (kept,) = folder.iterdir()
        self.assertRegex(kept.read_text(), "^audiostore-upload 1\n")
        self.no_secret_in(kept.read_text())

    def test_a_file_that_has_changed_is_not_mixed_with_what_is_stored(self):
        self.stop_in_the_middle()
        self.gate.open()
        for other in (large_wav(self.size, seed=8), large_wav(self.size + MIB, seed=9)):
            self.file("take.wav", other)
            self.assertEqual(self.put_again(), 0)
            self.assertEqual(self.run_program("get", "take.wav", "-").bytes, other)

    def test_only_the_parts_that_have_changed_are_sent_again(self):
        self.stop_in_the_middle()
        self.gate.open()
        other = self.take[: 9 * MIB] + b"!" + self.take[9 * MIB + 1 :]  # in the second part
        self.file("take.wav", other)
        self.assertEqual(self.put_again(), 8 * MIB)
        self.assertEqual(self.run_program("get", "take.wav", "-").bytes, other)

    def test_nothing_is_resumed_of_an_upload_that_is_gone(self):
        self.stop_in_the_middle()
        self.gate.open()
        (kept,) = (self.folder / "state/audiostore/uploads").iterdir()
        kept.write_text(re.sub("(?m)^id .*$", "id nobodys", kept.read_text()))
        self.assertEqual(self.put_again(), 0)
        self.assertEqual(self.run_program("get", "take.wav", "-").bytes, self.take)

    def test_restart_begins_anew(self):
        self.stop_in_the_middle()
        self.gate.open()
        done = self.run_program("put", "take.wav", "--restart", "--json").json
        self.assertEqual(done["results"][0]["resumedFrom"], 0)

    def test_a_second_ctrl_c_ends_at_once(self):
        terminal = Terminal(self, "put", "take.wav", "--concurrency", "1")
        terminal.wait_for(r"take\.wav +\[#+\.+\] +[56]\d %")
        os.kill(terminal.pid, signal.SIGSTOP)  # so that both are there before the first has had an effect
        os.kill(terminal.pid, signal.SIGINT)
        os.kill(terminal.pid, signal.SIGTERM)
        os.kill(terminal.pid, signal.SIGCONT)
        self.assertEqual(terminal.wait(), 130)

    def test_json_is_whole_when_stopped(self):
        with subprocess.Popen([cli_support.PROGRAM, "put", "take.wav", "--concurrency", "1", "--json"], env=self.environment,
                              cwd=self.folder, stdout=subprocess.PIPE, text=True) as process:
            state = self.folder / "state/audiostore/uploads"
            self.wait_until(lambda: any("part 2 " in each.read_text() for each in state.glob("*.upload")))
            process.send_signal(signal.SIGTERM)
            document = json.loads(process.stdout.read())
        self.assertEqual(process.returncode, 130)
        self.assertEqual((document["success"], document["results"][0]["resumable"]), (False, 16 * MIB))
        self.assertEqual(document["errors"][0]["code"], "cancelled")


class InterruptedReading(Case):
    """A service that does not answer for ever does not hold up a person who has had enough."""

    def setUp(self):
        super().setUp()
        for key in ("a.wav", "b.wav"):
            self.put(key)

    def stop(self, request, *arguments):
        gate = Gate(self, request=request)
        self.environment["AWS_ENDPOINT_URL_S3"] = gate.url
        terminal = Terminal(self, *arguments)
        self.assertTrue(gate.held.wait(cli_support.BOUND))
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 130)
        return terminal.text

    def test_durations_that_were_not_read_are_not_told_as_unknown(self):
        told = self.stop(b"GET /audiostore/a.wav", "ls", "--durations")
        self.assertIn("cancelled: stopped before all durations were read", told)
        self.assertNotIn(".wav", told.replace("audiostore: ", ""))

    def test_a_list_in_json_says_that_it_was_stopped(self):
        done = json.loads(self.stop(b"GET /audiostore/b.wav", "ls", "--durations", "--json").removeprefix("^C"))
        self.assertEqual((done["success"], done["objects"], done["errors"][0]["code"]), (False, [], "cancelled"))

    def test_info_at_its_first_request_and_while_it_reads(self):
        for request in (b"HEAD /audiostore/a.wav", b"GET /audiostore/a.wav"):
            told = self.stop(request, "info", "--stored", "a.wav", "b.wav")
            self.assertIn("a.wav: cancelled", told)
            self.assertIn("cancelled: stopped before b.wav", told)


class Disturbed(Case):
    def test_without_a_place_for_checkpoints_it_says_so_and_goes_up_all_the_same(self):
        (self.folder / "state").write_bytes(b"a file")
        outcome = self.run_program("put", self.file("a.wav", wav()))
        self.assertIn("nothing will be resumable", outcome.err)
        self.assertEqual(self.keys(), ["a.wav"])


if __name__ == "__main__":
    cli_support.main()
