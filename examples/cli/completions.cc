#include "program.h"
#include "shell_completions.h"

namespace cli {

using namespace audiostore;

void add_completions(Program& program) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = program.app.add_subcommand("completions", "what makes a shell complete this program's words");
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("SHELL");
  program.on(command, [shell, &app = program.app](Session& session) -> Result<void> {
    const std::string script = completions_for(*shell, app);
    session.report.text(script);
    session.report.field("script", script);
    return {};
  });
}

}  // namespace cli
