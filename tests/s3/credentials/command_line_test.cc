#include "s3/credentials/command_line.h"

#include "support/results.h"

#include <catch2/catch.hpp>

using namespace audiostore;

using Words = std::vector<std::string>;

TEST_CASE("command lines are split as a shell splits them, and nothing is expanded") {
  const std::vector<std::pair<std::string, Words>> cases{
      {"/opt/bin/creds --user helen", {"/opt/bin/creds", "--user", "helen"}},
      {"  a\tb\n c  ", {"a", "b", "c"}},
      {R"("/opt/my tools/creds" --name "a b")", {"/opt/my tools/creds", "--name", "a b"}},
      {R"(a 'b "c" \d')", {"a", R"(b "c" \d)"}},
      {R"(a "b 'c' \" \\ \n \$")", {"a", R"(b 'c' " \ \n \$)"}},
      {R"(a\ b \"c \\)", {"a b", "\"c", "\\"}},
      {R"(a"b"'c'd)", {"abcd"}},
      {R"(a "" '')", {"a", "", ""}},
      {"a; rm -rf $HOME `id` $(id) > f | g & * ~ #x",
       {"a;", "rm", "-rf", "$HOME", "`id`", "$(id)", ">", "f", "|", "g", "&", "*", "~", "#x"}},
  };
  for (const auto& [text, words] : cases) {
    INFO(text);
    CHECK(must(split_command_line(text)) == words);
  }
}

TEST_CASE("a command line that does not end, or has no command, is refused without quoting it") {
  for (const char* text : {"a 'SECRET", "a \"SECRET", "a \"SECRET\\", "a SECRET\\", "", " \t", "''", "\"\" SECRET"}) {
    INFO(text);
    const auto split = split_command_line(text);
    CHECK(code_of(split) == ErrorCode::invalid_argument);
    CHECK(split.error().message().find("SECRET") == std::string::npos);
  }
}
