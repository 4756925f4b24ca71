"""Every exit code that the help names is reached, and says why."""

import hashlib
import json
import pathlib
import re
import resource
import socket
import subprocess

import cli_support
from cli_support import Case, FakeService, Terminal, wav


def refusal(code):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>no</Message></Error>".encode()


class ExitCodes(Case):
    reached = set()

    def expect(self, code, *arguments, says=".", **options):
        outcome = self.run_program(*arguments, expect=code, **options)
        self.assertRegex(outcome.out + outcome.err, says)
        ExitCodes.reached.add(code)
        return outcome

    def at(self, url):
        return {"AWS_ENDPOINT_URL_S3": url}

    def test_0_done(self):
        self.expect(0, "ls", says="0 objects")

    def test_1_output_that_cannot_be_written(self):
        with open("/dev/full", "wb") as full:
            self.expect(1, "ls", stdout=full, says="standard output")

    def test_1_a_machine_without_room_for_threads(self):
        """What the standard library throws is told as any other failure."""
        program = pathlib.Path(cli_support.PROGRAM).read_bytes()
        if b"__asan_init" in program or b"__tsan_init" in program:
            self.skipTest("sanitizers need the room themselves")
        room = 1 << 32

        def limit():
            resource.setrlimit(resource.RLIMIT_STACK, (room, resource.getrlimit(resource.RLIMIT_STACK)[1]))
            resource.setrlimit(resource.RLIMIT_AS, (room, room))

        for options in ((), ("--json",)):
            done = subprocess.run([cli_support.PROGRAM, "ls", *options], env=self.environment, capture_output=True, text=True,
                                  preexec_fn=limit, timeout=cli_support.BOUND)
            self.assertEqual(done.returncode, 1, done)
            if options:
                document = json.loads(done.stdout)
                self.assertEqual((document["success"], document["errors"][0]["code"]), (False, "internal"))
            else:
                self.assertRegex(done.stderr, "^audiostore: internal: ")

    def test_2_no_such_command_option_or_bucket_name(self):
        self.expect(2, "frobnicate")
        self.expect(2, "ls", "--frobnicate")
        self.expect(2)
        self.expect(2, "ls", environment={"AWS_S3_BUCKET": ""}, says="--bucket")
        self.expect(2, "ls", environment={"AWS_REGION": "", "AWS_DEFAULT_REGION": "", "AWS_ENDPOINT_URL": "", "AWS_ENDPOINT_URL_S3": ""},
                    says="--region")
        self.expect(2, "ls", environment={"AUDIOSTORE_PROVIDER": "mine"}, says="AUDIOSTORE_PROVIDER")
        self.expect(2, "ls", "--provider", "mine", says="provider")
        self.expect(2, "get", "a//b", says="invalid_argument")
        self.assertFalse(self.expect(2, "--json", "ls", "--frobnicate").json["success"])

    def test_2_says_what_is_wrong_with_the_command_line(self):
        name = "-dash.wav"
        self.file(name, wav())
        for arguments, says in (((), "a command is missing .audiostore --help"), (("frob", "--json"), "'frob' is no command"),
                                (("put",), "FILE is missing .audiostore put --help"), (("cp", "a"), "TO is missing"),
                                (("ls", "--frob"), "no option '--frob'"), (("ls", "-x"), r"no option '-x' \("),
                                (("ls", "a", "b"), "'b' is one argument too many"), (("lifecycle", "check", "--days", "0"), "1 to 3650"),
                                (("put", "--key", "a", "--prefix", "b", "--", "c"), "--key excludes --prefix"),
                                (("put", name), f"no option '{name}'; .*[.]/{name}.* put -- {name}")):
            self.expect(2, *arguments, says=says)
        self.run_program("put", "./" + name)
        self.run_program("put", "--", name)
        self.run_program("get", "there.wav", expect=3)
        self.run_program("get", "--force", "--", name)

    def test_2_a_folder_is_no_file(self):
        (self.folder / "takes").mkdir()
        for named in ("takes", "takes/"):
            self.expect(2, "put", named, says="e.g. 'takes/[*].wav'")

    def test_2_plain_http_is_for_this_machine_only(self):
        self.expect(2, "ls", "--endpoint", "http://storage.example", says="http")

    def test_3_no_such_object_file_or_bucket(self):
        self.expect(3, "get", "none.wav", says="not_found")
        self.expect(3, "put", "none.wav", says="no such file")
        self.expect(3, "put", "none*.wav", says="no such file")
        self.expect(3, "ls", "--bucket", "nobodys-bucket", says="NoSuchBucket")

    def test_4_access_denied(self):
        service = FakeService(self, 403, {"Content-Type": "application/xml"}, refusal("AccessDenied"))
        self.expect(4, "ls", environment=self.at(service.url), says="AccessDenied(?s:.*)\n'audiostore doctor' says why")

    def test_5_wrong_secret_unknown_key_no_credentials(self):
        secret = "wrongwrongwrongwrongwrongwrongwrongwrong"
        self.secrets.append(secret)
        self.expect(5, "ls", environment={"AWS_SECRET_ACCESS_KEY": secret}, says="SignatureDoesNotMatch")
        self.expect(5, "ls", environment={"AWS_ACCESS_KEY_ID": "AKIDNOBODY0000000000"})
        self.expect(5, "ls", environment={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, says="credentials")
        self.expect(5, "ls", "--profile", "nobody", says="nobody")

    def test_6_no_audio(self):
        self.expect(6, "put", self.file("a.wav", b"<html></html>"), says="unsupported_media_type.*--any")
        self.expect(6, "info", self.file("a.wav", b"<html></html>"))

    def test_7_there_already(self):
        self.put("a.wav")
        self.expect(7, "put", self.file("a.wav", wav()), "--no-overwrite", says="already_exists")

    def test_8_nobody_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        self.expect(8, "ls", environment=self.at(f"http://127.0.0.1:{port}"), says="unavailable")

    def test_9_other_bytes_than_were_stored(self):
        other = hashlib.sha256(b"what was stored").hexdigest()
        service = FakeService(self, 200, {"ETag": '"1"', "x-amz-meta-audiostore-sha256": other}, b"what is there")
        self.expect(9, "get", "a.wav", environment=self.at(service.url), says="corrupt")
        self.assertFalse((self.folder / "a.wav").exists())

    def test_10_no_space(self):
        self.put("a.wav")
        with open("/dev/full", "wb") as full:
            self.expect(10, "get", "a.wav", "-", stdout=full, says="no_space")

    def test_11_a_service_without_it(self):
        self.expect(11, "lifecycle", "show", environment={"AUDIOSTORE_PROVIDER": "", **self.at("https://abcdefghijklmnopqrst.storage.supabase.co/storage/v1/s3")},
                    says="unsupported")

    def test_12_something_to_be_done(self):
        self.expect(12, "cors", "check", "--origin", "https://app.example", says="cors apply")
        self.expect(12, "doctor", environment={"AWS_SECRET_ACCESS_KEY": "wrong" * 8}, says="SignatureDoesNotMatch")
        self.expect(0, "doctor")

    def test_130_stopped(self):
        self.put("a.wav")
        terminal = Terminal(self, "rm", "a.wav")
        terminal.wait_for("y/N")
        terminal.type("\x03")
        self.assertEqual(terminal.wait(), 130)
        self.assertEqual(self.keys(), ["a.wav"])
        ExitCodes.reached.add(130)

    def test_z_these_are_all(self):
        table = self.run_program("--help").out.split("Exit status:")[1]
        self.assertEqual({int(code) for code in re.findall(r"(?m)^ +(\d+)  ", table)}, ExitCodes.reached)


class Secrets(Case):
    def test_a_profile_is_used_and_its_secret_never_shown(self):
        self.put("a.wav")
        aws = self.folder / "home" / ".aws"
        aws.mkdir()
        (aws / "credentials").write_text(f"[studio]\naws_access_key_id = {self.environment['AWS_ACCESS_KEY_ID']}\n"
                                         f"aws_secret_access_key = {self.environment['AWS_SECRET_ACCESS_KEY']}\n")
        nobody = {"AWS_ACCESS_KEY_ID": "AKIDNOBODY0000000000", "AWS_SECRET_ACCESS_KEY": "x" * 40}
        self.run_program("ls", environment=nobody, expect=5)
        self.run_program("ls", "--profile", "studio", environment=nobody)
        self.run_program("--profile", "studio", "info", "--stored", "a.wav", environment=nobody)

    def test_errors_of_a_link_do_not_show_the_link(self):
        service = FakeService(self, 403, {}, refusal("SignatureDoesNotMatch"))
        for command in (("ls",), ("get", "a.wav", "-"), ("put", self.file("a.wav", wav()))):
            outcome = self.run_program(*command, environment={"AWS_ENDPOINT_URL_S3": service.url}, expect=5)
            self.assertNotIn("Authorization", outcome.err)


if __name__ == "__main__":
    cli_support.main()
