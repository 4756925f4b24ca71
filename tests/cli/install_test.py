"""What `cmake --install --component programs` leaves is found by the shells and by man.
   install_test.py PROGRAM CMAKE BUILD_DIR"""

import os
import pathlib
import shutil
import subprocess
import sys

import cli_support
from cli_support import Case

CMAKE, BUILD = sys.argv[2:4]
INSTALLED = ("bin/audiostore", "share/man/man1/audiostore.1", "share/bash-completion/completions/audiostore",
             "share/zsh/site-functions/_audiostore", "share/fish/vendor_completions.d/audiostore.fish")


class Installed(Case):
    server = False

    def setUp(self):
        super().setUp()
        self.prefix = self.folder / "prefix"
        subprocess.run([CMAKE, "--install", BUILD, "--component", "programs", "--prefix", str(self.prefix)], check=True,
                       stdout=subprocess.DEVNULL)
        self.environment["PATH"] = f"{self.prefix}/bin{os.pathsep}{self.environment['PATH']}"
        self.environment["XDG_DATA_DIRS"] = f"{self.prefix}/share"

    def need(self, name):
        if shutil.which(name) is None:
            self.skipTest(f"no {name} here")

    def run_shell(self, *command):
        """Its output; nothing may be said on standard error."""
        done = subprocess.run(command, env=self.environment, cwd=self.folder, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=cli_support.BOUND)
        self.assertEqual((done.returncode, done.stderr), (0, ""), command)
        return done.stdout

    def test_these_files_and_no_others(self):
        files = {str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if not path.is_dir()}
        self.assertEqual(files, set(INSTALLED))
        self.assertEqual(self.run_shell("audiostore", "--version"), self.run_program("--version").out)
        for shell, path in zip(("bash", "zsh", "fish"), INSTALLED[2:]):
            self.assertEqual((self.prefix / path).read_text(), self.run_program("completions", shell).out, shell)

    def test_man_shows_the_page_without_warnings(self):
        self.need("man")
        self.environment.update(MANPATH=f"{self.prefix}/share/man", MANWIDTH="80")
        page = self.run_shell("man", "--warnings", "-P", "cat", "audiostore")
        self.assertIn("recordings in S3-compatible object storage", page)
        self.assertLessEqual(max(map(len, page.splitlines())), 80)

    def test_bash_loads_the_completion_by_the_name_of_the_program(self):
        loader = pathlib.Path("/usr/share/bash-completion/bash_completion")
        load = f"source {loader}; _completion_loader audiostore" if loader.exists() else f"source {self.prefix / INSTALLED[2]}"
        script = f"{load}; complete -p audiostore"
        self.assertIn("-F _audiostore audiostore", self.run_shell("bash", "--norc", "-c", script))

    def test_zsh_finds_the_completion_in_its_path(self):
        self.need("zsh")
        script = f"fpath=({self.prefix}/share/zsh/site-functions $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[audiostore]"
        self.assertEqual(self.run_shell("zsh", "-f", "-c", script), "_audiostore\n")

    def test_fish_completes_without_being_told(self):
        self.need("fish")
        offered = self.run_shell("fish", "-c", "complete -C 'audiostore pu'")
        self.assertEqual([line.split("\t")[0] for line in offered.splitlines()], ["put"])


if __name__ == "__main__":
    del sys.argv[2:4]
    cli_support.main()
