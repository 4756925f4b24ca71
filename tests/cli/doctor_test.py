"""audiostore doctor as people and scripts run it; what each check finds is tested in doctor/."""

import json

import cli_support
from cli_support import Case, Gate, Terminal


class Doctor(Case):
    def statuses(self, outcome):
        """The worst status of each check."""
        order = ["ok", "skipped", "warning", "problem"]
        worst = {}
        for finding in outcome.json["findings"]:
            known = worst.get(finding["check"], "ok")
            worst[finding["check"]] = max(known, finding["status"], key=order.index)
        return worst

    def test_all_is_well_once_the_rules_are_applied(self):
        before = self.run_program("doctor", "--origin", "https://app.example", "--json", expect=12)
        self.assertEqual((self.statuses(before)["cors"], self.statuses(before)["lifecycle"]), ("problem", "warning"))
        self.run_program("cors", "apply", "--origin", "https://app.example")
        self.run_program("lifecycle", "apply")
        after = self.run_program("doctor", "--origin", "https://app.example", "--json")
        self.assertEqual(set(self.statuses(after).values()), {"ok"}, after)
        self.assertTrue(after.json["success"])
        self.assertEqual(after.json["counts"]["ok"], len(after.json["findings"]))
        self.assertEqual(self.keys(), [])

    def test_what_is_pasted_is_what_the_commands_apply(self):
        findings = self.run_program("doctor", "--origin", "https://app.example", "--json", expect=12).json["findings"]
        paste = {finding["check"]: json.loads(finding["paste"]) for finding in findings if "paste" in finding}
        cors = self.run_program("cors", "print", "--origin", "https://app.example", "--json").json["rules"]["CORSRules"]
        for rule in cors:
            rule.pop("ID")
        self.assertEqual(paste["cors"], cors)
        self.assertEqual(paste["lifecycle"], self.run_program("lifecycle", "print", "--json").json["rules"])

    def test_a_problem_is_told_with_its_remedy_and_12(self):
        self.secrets.append("nobodys-secret")
        told = self.run_program("doctor", environment={"AWS_SECRET_ACCESS_KEY": "nobodys-secret"}, expect=12)
        self.assertRegex(told.out, r"(?m)^problem +signature +.*SignatureDoesNotMatch.*\n +-> enter the secret access key")
        self.assertRegex(told.out, r"(?m)^skipped +bucket, .*: 'signature' has to go well first$")
        self.assertRegex(told.out, r"\n\n\d+ ok, \d+ skipped, 0 warning, 1 problem\n$")
        self.assertNotIn(self.environment["AWS_ACCESS_KEY_ID"], told.out)

    def test_nothing_is_set_up(self):
        nothing = {name: "" for name in self.environment if name.startswith("AWS_") and "METADATA" not in name}
        told = self.run_program("doctor", environment=nothing, expect=12)
        self.assertRegex(told.out, r"(?m)^problem +settings +.*\n +-> name the bucket")
        self.assertIn("S3 credentials not configured", told.out)

    def test_who_said_so(self):
        told = self.run_program("doctor", "--region", "us-east-1", "--prefix", "users/1")
        self.assertRegex(told.out, r"bucket '\w+' \(from AWS_S3_BUCKET\).* region 'us-east-1' \(from --region\)")
        self.assertIn("from environment", told.out)
        self.assertIn("(users/1/audiostore-doctor-", told.out)

    def test_stopped_it_leaves_nothing_behind(self):
        gate = Gate(self, 2500)
        self.environment["AWS_ENDPOINT_URL_S3"] = gate.url
        terminal = Terminal(self, "doctor")
        terminal.wait_for("may write objects")
        self.wait_until(lambda: gate.sent > 2500)
        before = gate.connections
        terminal.type("\x03")
        # The request that was held ends with its connection; the removal makes one of its own.
        self.wait_until(lambda: gate.connections > before)
        gate.open()
        self.assertEqual(terminal.wait(), 130)
        self.assertIn("stopped before", terminal.text)
        self.assertEqual(self.keys(), [])


if __name__ == "__main__":
    cli_support.main()
