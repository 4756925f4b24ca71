"""The man page says what --help says, and the completion scripts know every option."""

import pathlib
import re
import shutil
import subprocess

import cli_support
from cli_support import Case

MAN_PAGE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "cli" / "audiostore.1"


def help_entries(text):
    """(name and kind of value, description) of each option and argument in a --help."""
    found, section = [], None
    for line in text.splitlines():
        if not line.strip():
            section = None
        elif line in ("Options:", "Arguments:"):
            section = line
        elif section and re.match(r"  \S", line):
            name, _, description = line.strip().partition("  ")
            found.append([name, description.strip()])
        elif section:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
    return [(name, description) for name, description in found if not name.startswith("-h,")]


def subcommands(text):
    return re.findall(r"(?m)^  (\w+) +(\S.*)$", text.split("Commands:")[1].split("\n\n")[0])


def plain(roff):
    return roff.replace("\\-", "-").replace("\\(aq", "'").replace("\\&", "").replace("\\e", "\\")


class ManPage(Case):
    server = False

    def setUp(self):
        super().setUp()
        self.sections, self.entries, section = {}, {}, ""
        lines = iter(plain(MAN_PAGE.read_text()).splitlines())
        for line in lines:
            if line.startswith((".SH ", ".SS ")):
                section = line[4:].strip('"')
                self.sections[section], self.entries[section] = [], []
            elif line == ".TP":
                self.entries[section].append((re.sub(r"^\.B ", "", next(lines)), next(lines)))
            elif section:
                self.sections[section].append(line)

    def help(self, *command):
        return self.run_program(*command, "--help").out

    def test_synopses(self):
        for name, _ in subcommands(self.help()):
            usage = re.search(r"(?m)^Usage: (.*)$", self.help(name))[1].replace("ACTION", "show|print|check|apply").replace("SHELL", "bash|zsh|fish")
            self.assertIn(".B " + usage, self.sections[name])

    def test_help_fits_a_terminal(self):
        for command in ((), *((name,) for name, _ in subcommands(self.help()))):
            for line in self.help(*command).splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_version_is_the_same_everywhere(self):
        versions = re.fullmatch(r"audiostore ([\d.]+) \(library ([\d.]+)\)\n", self.run_program("--version").out)
        self.assertEqual(versions[1], versions[2])

    def test_global_options(self):
        self.assertEqual(self.entries["OPTIONS"], help_entries(self.help()))

    def test_commands_and_their_options(self):
        commands = subcommands(self.help())
        self.assertEqual([name for name in self.sections if name.islower()], [name for name, _ in commands])
        for name, description in commands:
            self.assertIn(description, "\n".join(self.sections[name]), name)
            self.assertEqual(self.entries[name], help_entries(self.help(name)), name)

    def test_exit_status(self):
        table = self.help().split("Exit status:")[1]
        self.assertEqual(self.entries["EXIT STATUS"], re.findall(r"(?m)^ +(\d+)  (.*)$", table))

    def test_variables_are_those_that_are_read(self):
        named = {name for name, _ in self.entries["ENVIRONMENT"]}
        sources = "".join(path.read_text() for path in MAN_PAGE.parent.glob("c*.cc"))
        read = set(re.findall(r'"((?:AWS|R2|AUDIOSTORE|XDG)_\w+)"', sources))
        self.assertEqual(read - named, set())
        self.assertTrue(read)

    def test_groff_has_no_complaints(self):
        if shutil.which("groff") is None:
            self.skipTest("no groff here")
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", str(MAN_PAGE)], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")


class Completions(Case):
    server = False

    def script(self, shell):
        return self.run_program("completions", shell).out

    def options(self):
        names = [name for name, _ in subcommands(self.run_program("--help").out)]
        for name in names:
            for words, _ in help_entries(self.run_program(name, "--help").out):
                if words.startswith("-"):
                    yield name, words.split(" ")[0].split(",")

    def completed(self, *words):
        """What bash offers for the last of `words`."""
        quoted = " ".join(f"'{word}'" for word in words)
        script = f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _audiostore; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        done = subprocess.run(["bash", "-c", self.script("bash") + "\n" + script], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, "")
        return set(done.stdout.split())

    def test_bash_completes(self):
        self.assertEqual(self.completed("audiostore", "p"), {"put"})
        self.assertLessEqual({"put", "get", "--json"}, self.completed("audiostore", ""))
        self.assertEqual(self.completed("audiostore", "put", "--pre"), {"--prefix"})
        self.assertEqual(self.completed("audiostore", "--json", "cors", "ch"), {"check"})
        self.assertEqual(self.completed("audiostore", "put", "--prefix", ""), set())
        self.assertEqual(self.completed("audiostore", "get", "--pre"), set())
        for command, names in self.options():
            self.assertLessEqual(set(names), self.completed("audiostore", command, "-"), command)

    def test_fish_completes(self):
        if shutil.which("fish") is None:
            self.skipTest("no fish here")
        path = self.file("completion.fish", self.script("fish").encode())
        for typed, offered in (("audiostore pu", "put"), ("audiostore put --pre", "--prefix"), ("audiostore cors ch", "check")):
            done = subprocess.run(["fish", "-c", f"source {path}; complete -C '{typed}'"], capture_output=True, text=True,
                                  check=True, env=self.environment, cwd=self.folder)
            self.assertEqual([line.split("\t")[0] for line in done.stdout.splitlines()], [offered])

    def test_zsh_and_fish_know_every_option(self):
        zsh, fish = self.script("zsh"), self.script("fish")
        for command, names in self.options():
            part = zsh.split(f"\n    {command})\n")[1].split(";;")[0]
            lines = [line for line in fish.splitlines() if f"from {command}'" in line]
            for name in names:
                self.assertIn(f"'*{name}[", part, command)
                flag = f" -l {name[2:]} " if name.startswith("--") else f" -s {name[1:]} "
                self.assertTrue(any(flag in line for line in lines), (command, name))

    def test_the_shells_take_the_scripts(self):
        for shell, check in (("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")):
            if shutil.which(shell) is None:
                continue
            path = self.file(f"completion.{shell}", self.script(shell).encode())
            done = subprocess.run([shell, check, path], capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stderr), (0, ""), shell)


if __name__ == "__main__":
    cli_support.main()
