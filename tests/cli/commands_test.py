"""What the commands do, by --json and by what is in the bucket afterwards."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import urllib.error
import urllib.request

import cli_support
from cli_support import Case, FakeService, wav


class Put(Case):
    def test_files_and_patterns_keep_their_names_under_the_prefix(self):
        self.file("takes/a.wav", wav(pitch=40))
        self.file("takes/b.wav", wav(pitch=60))
        self.file("c.wav", wav(pitch=70))
        done = self.run_program("put", "takes/*.wav", "c.wav", "--prefix", "album", "--json").json
        self.assertTrue(done["success"])
        self.assertEqual(sorted(each["key"] for each in done["results"]), ["album/a.wav", "album/b.wav", "album/c.wav"])
        self.assertEqual({each["contentType"] for each in done["results"]}, {"audio/wav"})
        self.assertEqual(self.keys(), ["album/a.wav", "album/b.wav", "album/c.wav"])

    def test_the_type_is_that_of_the_bytes_not_of_the_name(self):
        name = self.file("a.mp3", wav())
        self.run_program("put", name, "--key", "a")
        self.assertEqual(self.run_program("info", "--stored", "a", "--json").json["results"][0]["storedType"], "audio/wav")

    def test_what_is_no_audio_is_left_and_the_rest_goes_up(self):
        self.file("a.wav", wav())
        self.file("b.wav", b"<html>no audio</html>")
        done = self.run_program("put", "?.wav", "--json", expect=6).json
        self.assertFalse(done["success"])
        self.assertEqual([each["key"] for each in done["results"]], ["a.wav"])
        self.assertEqual([(e["code"], pathlib.Path(e["subject"]).name) for e in done["errors"]], [("unsupported_media_type", "b.wav")])
        self.assertEqual(self.keys(), ["a.wav"])

    def test_nothing_that_went_up_is_a_list_of_nothing(self):
        for arguments in (("none.wav",), (self.file("a.wav", b"<html>no audio</html>"),)):
            done = self.run_program("put", *arguments, "--json", expect=3 if arguments == ("none.wav",) else 6).json
            self.assertEqual((done["success"], done["results"], len(done["errors"])), (False, [], 1))

    def test_any_file_goes_up_with_any(self):
        self.run_program("put", self.file("notes.txt", b"hello"), "--any", "--content-type", "text/plain")
        self.assertEqual(self.run_program("get", "notes.txt", "-").bytes, b"hello")

    def test_two_files_for_one_key_are_refused_before_any_goes_up(self):
        self.file("x/a.wav", wav())
        self.file("y/a.wav", wav(pitch=3))
        self.run_program("put", "x/a.wav", "y/a.wav", expect=2)
        self.run_program("put", "x/a.wav", "y/a.wav", "--key", "one", expect=2)
        self.assertEqual(self.keys(), [])

    def test_no_overwrite_keeps_what_is_there(self):
        self.put("a.wav", wav(pitch=1))
        name = self.file("a.wav", wav(pitch=2))
        self.run_program("put", name, "--no-overwrite", expect=7)
        self.assertEqual(self.run_program("get", "a.wav", "-").bytes, wav(pitch=1))


class Get(Case):
    def test_to_a_file_a_folder_and_standard_output(self):
        take = wav(seconds=3)
        self.put("album/take.wav", take)
        (self.folder / "into").mkdir()
        self.run_program("get", "album/take.wav")
        self.run_program("get", "album/take.wav", "into")
        done = self.run_program("get", "album/take.wav", "other.wav", "--json").json
        self.assertEqual((done["file"], done["size"]), ("other.wav", len(take)))
        for name in ("take.wav", "into/take.wav", "other.wav"):
            self.assertEqual((self.folder / name).read_bytes(), take, name)
        self.assertEqual(self.run_program("get", "album/take.wav", "-").bytes, take)

    def test_a_file_that_is_there_is_kept_without_force(self):
        self.put("take.wav")
        self.file("take.wav", b"precious")
        self.run_program("get", "take.wav", expect=7)
        self.assertEqual((self.folder / "take.wav").read_bytes(), b"precious")
        self.run_program("get", "take.wav", "--force")
        self.assertEqual((self.folder / "take.wav").read_bytes(), wav())

    def test_json_and_the_bytes_do_not_mix(self):
        self.put("take.wav")
        self.assertEqual(self.run_program("get", "take.wav", "-", "--json", expect=2).json["errors"][0]["code"], "invalid_argument")


class List(Case):
    def setUp(self):
        super().setUp()
        self.put("a/one.wav", wav(seconds=2))
        self.put("a/b/two.wav", wav(seconds=65))
        self.put("top.bin", b"no audio")

    def test_one_level_or_all(self):
        here = self.run_program("ls", "--json").json["objects"]
        self.assertEqual([each.get("folder") or each["key"] for each in here], ["a/", "top.bin"])
        self.assertEqual(self.keys(), ["a/b/two.wav", "a/one.wav", "top.bin"])
        self.assertEqual([each["key"] for each in self.run_program("ls", "a/o", "--json").json["objects"]], ["a/one.wav"])

    def test_table(self):
        out = self.run_program("ls", "a/", "--bytes").out
        self.assertRegex(out, r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d +32044  a/one\.wav$")
        self.assertRegex(out, r"(?m)^ +folder  a/b/$")
        self.assertRegex(self.run_program("ls", "-r").out, r"(?m)1015\.7 KiB  a/b/two\.wav$")
        self.assertRegex(self.run_program("ls", "-r").out, r"(?m)^3 objects, 1\.0 MiB$")

    def test_tree(self):
        lines = self.run_program("ls", "--tree").out.splitlines()
        self.assertEqual([re.sub("  .*", "", line) if "──" in line else line for line in lines][0], "├── a/")
        self.assertTrue(lines[1].endswith("├── b/"), lines)
        self.assertRegex(lines[2], r"^│   │   └── two\.wav  1015\.7 KiB$")
        self.assertRegex(lines[3], r"^│   └── one\.wav  31\.3 KiB$")
        self.assertRegex(lines[4], r"^└── top\.bin  8 B$")

    def test_durations_are_read_from_the_takes(self):
        found = self.run_program("ls", "-r", "--durations", "--json").json["objects"]
        self.assertEqual([(each["key"], each["durationSeconds"]) for each in found],
                         [("a/b/two.wav", 65.0), ("a/one.wav", 2.0), ("top.bin", None)])
        self.assertEqual((found[0]["channels"], found[0]["sampleRate"], found[0]["format"]), (1, 8000, "wav"))
        self.assertRegex(self.run_program("ls", "-r", "--durations").out, r"(?m)KiB +1:05  a/b/two\.wav$")
        self.assertRegex(self.run_program("ls", "--tree", "--durations").out, r"(?m)two\.wav  1015\.7 KiB  1:05$")

    def test_an_empty_folder_is_a_list_of_nothing(self):
        done = self.run_program("ls", "none/", "--json").json
        self.assertEqual(done, {"success": True, "errors": [], "objects": [], "count": 0, "size": 0})

    def test_names_cannot_give_orders_to_the_terminal(self):
        entry = "<Contents><Key>{}</Key><Size>1</Size><ETag>&quot;1&quot;</ETag><LastModified>2026-03-01T12:00:00.000Z</LastModified></Contents>"
        keys = ("a%1B%5D0%3Bowned%07.wav", "b%C2%9B31m.wav", "%C3%A9t%C3%A9.wav")
        listing = ("<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"
                   + "".join(entry.format(key) for key in keys) + "</ListBucketResult>")
        service = FakeService(self, 200, {"Content-Type": "application/xml"}, listing.encode())
        for arguments in (("-r",), ("--tree",)):
            out = self.run_program("ls", *arguments, environment={"AWS_ENDPOINT_URL_S3": service.url}).out
            self.assertNotRegex(out, "[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f]")
            for shown in (r"a\x1b]0;owned\x07.wav", r"b\xc2\x9b31m.wav", "été.wav"):
                self.assertIn(shown, out)
        turned = "gpj\u202evaw.wav"  # what is behind it would be shown from right to left
        self.run_program("put", self.file(turned, wav()))
        self.assertIn(r"gpj\xe2\x80\xaevaw.wav", self.run_program("ls").out)
        self.assertEqual(self.run_program("ls", "gpj", "--json").json["objects"][0]["key"], turned)
        no_text = os.fsencode(str(self.folder)) + b"/\x9b31m.wav"  # CSI as one byte
        with open(no_text, "wb") as file:
            file.write(wav())
        self.assertIn(r"\x9b31m.wav: ", self.run_program("put", no_text, expect=2).err)


class Url(Case):
    def fetch(self, url):
        with urllib.request.urlopen(url, timeout=cli_support.BOUND) as response:
            return response.read(), response.headers

    def test_works_without_credentials(self):
        self.put("été.wav", wav())
        url = self.run_program("url", "été.wav", presigns=True).out.strip()
        self.assertEqual(self.fetch(url)[0], wav())
        done = self.run_program("url", "été.wav", "--expires", "15m", "--download", 'my "take".wav', "--content-type", "audio/x-wav",
                                "--json", presigns=True).json
        self.assertEqual((done["expiresIn"], done["method"]), (900, "GET"))
        headers = self.fetch(done["url"])[1]
        self.assertEqual(headers["Content-Disposition"], "attachment; filename*=UTF-8''my%20%22take%22.wav")
        self.assertEqual(headers["Content-Type"], "audio/x-wav")

    def test_put_link_takes_an_upload_of_this_type_only(self):
        url = self.run_program("url", "new.wav", "--put", "--content-type", "audio/wav", presigns=True).out.strip()
        with self.assertRaises(urllib.error.HTTPError):
            self.fetch(urllib.request.Request(url, wav(), {"Content-Type": "text/html"}, method="PUT"))
        self.fetch(urllib.request.Request(url, wav(), {"Content-Type": "audio/wav"}, method="PUT"))
        self.assertEqual(self.keys(), ["new.wav"])

    def test_refuses_times_that_cannot_be(self):
        for time in ("8d", "0", "soon", "5x", "-1s", "99999999999"):
            self.run_program("url", "a.wav", f"--expires={time}", expect=2)


class Remove(Case):
    def setUp(self):
        super().setUp()
        for key in ("takes/a.wav", "takes/b/c.wav", "takes2/d.wav", "takes.wav"):
            self.put(key)

    def test_asks_where_nobody_is_there_to_answer(self):
        self.assertIn("--yes", self.run_program("rm", "takes.wav", expect=2).err)
        self.assertEqual(len(self.keys()), 4)

    def test_one_object(self):
        self.run_program("rm", "--yes", "takes.wav")
        self.assertEqual(self.keys(), ["takes/a.wav", "takes/b/c.wav", "takes2/d.wav"])

    def test_an_object_that_is_named_twice_counts_once(self):
        self.assertEqual(self.run_program("rm", "-r", "takes", "takes/b", "--dry-run").out.splitlines()[-1],
                         f"would delete 2 objects, {2 * len(wav()) / 1024:.1f} KiB")
        self.assertEqual(self.run_program("rm", "--yes", "takes.wav", "takes.wav", "--json").json["deleted"], 1)

    def test_a_mistyped_key_among_others_deletes_nothing(self):
        self.run_program("rm", "--yes", "takes.wav", "take.wav", expect=3)
        self.assertEqual(len(self.keys()), 4)

    def test_a_folder_is_never_what_is_beside_it(self):
        done = self.run_program("rm", "--yes", "--recursive", "takes", "--json").json
        self.assertEqual(done["deleted"], 2)
        self.assertEqual(self.keys(), ["takes.wav", "takes2/d.wav"])

    def test_never_the_whole_bucket(self):
        for prefix in ("", "/", "//", ".", "..", "takes/..", "/takes"):
            self.run_program("rm", "--yes", "-r", prefix, expect=2)
        self.run_program("rm", "--yes", "-r", "take", expect=3)
        self.assertEqual(len(self.keys()), 4)

    def test_dry_run(self):
        self.assertRegex(self.run_program("rm", "-r", "takes/", "--dry-run").out, "would delete 2 objects")
        self.assertEqual(len(self.keys()), 4)


class Copy(Case):
    def test_copies_and_keeps_what_is_there(self):
        self.put("a.wav", wav(pitch=1))
        self.put("b.wav", wav(pitch=2))
        self.run_program("cp", "a.wav", "b.wav", expect=7)
        self.run_program("cp", "a.wav", "c/d.wav")
        self.assertEqual(self.run_program("get", "c/d.wav", "-").bytes, wav(pitch=1))
        self.run_program("cp", "a.wav", "b.wav", "--force")
        self.assertEqual(self.run_program("get", "b.wav", "-").bytes, wav(pitch=1))
        self.run_program("cp", "none.wav", "e.wav", expect=3)

    def test_says_what_to_do_where_nobody_says_what_is_there(self):
        service = FakeService(self, 403, {}, b"")
        self.assertIn("--force", self.run_program("cp", "a.wav", "b.wav", environment={"AWS_ENDPOINT_URL_S3": service.url}, expect=4).err)


class Info(Case):
    def test_of_a_file_and_of_an_object(self):
        self.put("stored.wav", wav(seconds=2))
        local = self.file("local.wav", wav(seconds=3))
        out = self.run_program("info", local, "stored.wav").out
        self.assertRegex(out, r"local\.wav\n  where +on this machine\n  size +46\.9 KiB\n  format +audio/wav\n"
                              r"  channels +1\n  sample rate +8000 Hz\n  duration +0:03\n")
        self.assertRegex(out, r"stored\.wav\n  where +in the bucket\n(.*\n)+  duration +0:02\n  stored as +audio/wav\n")
        found = self.run_program("info", local, "stored.wav", "--json").json["results"]
        self.assertEqual([(each["format"], each["channels"], each["sampleRate"], each["durationSeconds"]) for each in found],
                         [("wav", 1, 8000, 3.0), ("wav", 1, 8000, 2.0)])

    def test_the_file_of_the_same_name_comes_first_unless_said_otherwise(self):
        self.put("take.wav", wav(seconds=2))
        self.file("take.wav", wav(seconds=3))
        for options, seconds in (((), 3.0), (("--stored",), 2.0)):
            self.assertEqual(self.run_program("info", "take.wav", "--json", *options).json["results"][0]["durationSeconds"], seconds)

    def test_what_is_no_audio_is_described_all_the_same(self):
        done = self.run_program("info", self.file("a.txt", b"hello"), "none.wav", "--json", expect=6).json
        self.assertEqual([each["size"] for each in done["results"]], [5])
        self.assertEqual([each["code"] for each in done["errors"]], ["unsupported_media_type", "not_found"])


class Rules(Case):
    def test_cors_is_checked_applied_and_kept(self):
        one, two = "https://one.example", "https://two.example"
        missing = self.run_program("cors", "check", "--origin", one, "--json", expect=12).json
        self.assertEqual(len(missing["missing"]), 4)
        self.run_program("cors", "apply", "--origin", one, "--playback-only")
        self.run_program("cors", "check", "--origin", one, "--playback-only")
        self.assertIn("PUT", self.run_program("cors", "check", "--origin", one, expect=12).out)
        self.run_program("cors", "apply", "--origin", two)
        self.run_program("cors", "check", "--origin", one, "--origin", two)
        rules = self.run_program("cors", "show", "--json").json["rules"]["CORSRules"]
        self.assertEqual([rule["AllowedOrigins"] for rule in rules], [[two, one]])
        self.assertFalse(self.run_program("cors", "apply", "--origin", one, "--json").json["applied"])
        self.run_program("cors", "check", expect=2)

    def test_what_no_browser_sends_as_an_origin_is_refused(self):
        for origin in ("https://app.example/", "app.example", "not an origin", "https://app.example/path"):
            self.run_program("cors", "apply", "--origin", origin, expect=2)
        self.assertEqual(self.run_program("cors", "show", "--json").json["rules"]["CORSRules"], [])
        self.run_program("cors", "apply", "--origin", "*", "--origin", "http://localhost:8080", "--origin", "https://*.app.example")

    def test_staging_is_a_folder_never_the_beginning_of_names(self):
        for prefix in ("t", "staging", "/", "//", "../"):
            self.run_program("lifecycle", "apply", "--staging", prefix, expect=2)
        self.assertEqual(self.run_program("lifecycle", "show", "--json").json["rules"]["Rules"], [])

    def test_a_page_of_the_origin_may_do_what_was_applied(self):
        self.put("a.wav")
        self.run_program("cors", "apply", "--origin", "https://app.example")
        url = self.environment["AWS_ENDPOINT_URL"] + "/audiostore/a.wav"
        for method, header in (("GET", "range"), ("PUT", "content-type"), ("POST", "content-type")):
            asked = {"Origin": "https://app.example", "Access-Control-Request-Method": method, "Access-Control-Request-Headers": header}
            with urllib.request.urlopen(urllib.request.Request(url, headers=asked, method="OPTIONS"), timeout=cli_support.BOUND) as reply:
                self.assertEqual(reply.headers["Access-Control-Allow-Origin"], "https://app.example")

    def test_lifecycle_is_checked_applied_and_kept(self):
        staging = ("--staging", "staging/", "--staging-days", "1")
        self.run_program("lifecycle", "check", expect=12)
        self.run_program("lifecycle", "apply")
        self.run_program("lifecycle", "check")
        self.run_program("lifecycle", "check", "--days", "3", expect=12)
        self.run_program("lifecycle", "check", *staging, expect=12)
        self.run_program("lifecycle", "apply", *staging)
        self.run_program("lifecycle", "check", *staging)
        rules = self.run_program("lifecycle", "show", "--json").json["rules"]["Rules"]
        self.assertEqual([(rule["Filter"]["Prefix"], rule.get("Expiration")) for rule in rules], [("", None), ("staging/", {"Days": 1})])

    def test_print_needs_no_bucket(self):
        nothing = {name: "" for name in self.environment if name.startswith("AWS_")}
        self.run_program("cors", "print", "--origin", "https://app.example", environment=nothing)
        rule = self.run_program("lifecycle", "print", "--json", environment=nothing).json["rules"]["Rules"][0]
        self.assertEqual(rule["AbortIncompleteMultipartUpload"], {"DaysAfterInitiation": 7})


class Serve(Case):
    server = False

    def test_ends_well_with_ctrl_c_and_serves_the_folders_files(self):
        self.file("bucket/take.wav", wav())
        process = self.serve("--bucket", "takes", "--region", "eu-test-1")
        self.assertEqual(self.environment["AWS_S3_BUCKET"], "takes")
        self.assertEqual(self.keys(), ["take.wav"])
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(cli_support.BOUND), 0)

    def test_the_lines_take_the_place_of_everything_that_was_set_before(self):
        self.environment.update(AWS_SESSION_TOKEN="of another account", AWS_ENDPOINT_URL="https://s3.example")
        self.serve()
        self.assertEqual(self.keys(), [])

    def test_a_shell_reads_the_lines_whatever_is_in_them(self):
        region = "it's $HOME; `false`"
        with subprocess.Popen([cli_support.PROGRAM, "serve", str(self.folder / "b"), "--region", region], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            lines = "".join(process.stdout.readline() for _ in range(9))
            process.terminate()
        read = subprocess.run(["sh", "-c", lines + 'printf %s "$AWS_REGION"'], capture_output=True, text=True, check=True)
        self.assertEqual((read.stdout, read.stderr), (region, ""))

    def outside_tool(self, script):
        """What a tool of others says, given exactly the lines that serve prints, in a shell that has nothing else."""
        with subprocess.Popen([cli_support.PROGRAM, "serve", str(self.folder / "bucket")], env=self.environment,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
            try:
                lines = "".join(process.stdout.readline() for _ in range(9))
                nothing = {name: self.environment[name] for name in ("PATH", "HOME", "LC_ALL", "TMPDIR")}
                done = subprocess.run(["sh", "-ec", lines + script], env=nothing, cwd=self.folder, capture_output=True,
                                      text=True, timeout=cli_support.BOUND)
            finally:
                process.terminate()
        self.assertEqual(done.returncode, 0, done)
        return done.stdout

    def test_aws_works_with_the_lines(self):
        if shutil.which("aws") is None:
            self.skipTest("no aws here")
        self.file("new.wav", wav())
        version = subprocess.run(["aws", "--version"], capture_output=True, text=True, check=True).stdout
        major, minor = map(int, re.match(r"aws-cli/(\d+)\.(\d+)", version).groups())
        knows = minor >= (13 if major == 2 else 29)  # AWS_ENDPOINT_URL; older ones have to be told
        aws = "aws" if knows else 'aws --endpoint-url "$AWS_ENDPOINT_URL"'
        listed = self.outside_tool(f'{aws} s3 cp --only-show-errors new.wav "s3://$AWS_S3_BUCKET/takes/a.wav"; '
                                   f'{aws} s3 ls "s3://$AWS_S3_BUCKET/takes/"')
        self.assertRegex(listed, f" {len(wav())} a\\.wav\n$")
        self.assertEqual((self.folder / "bucket/takes/a.wav").read_bytes(), wav())

    def test_s3cmd_works_with_the_lines(self):
        if shutil.which("s3cmd") is None:
            self.skipTest("no s3cmd here")
        self.file("new.wav", wav())
        where = '--host "${AWS_ENDPOINT_URL#http://}" --host-bucket "${AWS_ENDPOINT_URL#http://}" --no-ssl --region "$AWS_REGION"'
        listed = self.outside_tool(f's3cmd {where} --quiet put new.wav "s3://$AWS_S3_BUCKET/takes/a.wav"; '
                                   f's3cmd {where} ls "s3://$AWS_S3_BUCKET/takes/"')
        self.assertRegex(listed, f" {len(wav())} +s3://audiostore/takes/a\\.wav\n$")
        self.assertEqual((self.folder / "bucket/takes/a.wav").read_bytes(), wav())

    def test_json_is_one_line_that_a_script_can_read_at_once(self):
        with subprocess.Popen([cli_support.PROGRAM, "serve", str(self.folder / "b"), "--json"], env=self.environment,
                              stdout=subprocess.PIPE, text=True) as process:
            line = cli_support.json.loads(process.stdout.readline())
            process.terminate()
            rest = process.stdout.read()
        self.assertTrue(line["environment"]["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:"))
        self.assertEqual((rest, process.returncode), ("", 0))


if __name__ == "__main__":
    cli_support.main()
