#include "s3/credentials/config_file.h"

#include "support/random.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;

namespace {

ConfigProfiles config(std::string_view text) { return must(parse_config(text, ConfigDialect::config)); }
ConfigProfiles credentials(std::string_view text) { return must(parse_config(text, ConfigDialect::credentials)); }

struct Case {
  const char* what;
  std::string text;
  ConfigProfiles profiles;
};

}  // namespace

TEST_CASE("config files are read as the AWS SDKs read them") {
  const std::vector<Case> cases{
      {"nothing", "", {}},
      {"an empty profile", "[profile takes]", {{"takes", {}}}},
      {"the default profile", "[default]\nregion=eu-west-1\n", {{"default", {{"region", "eu-west-1"}}}}},
      {"blanks around names and values",
       "[ profile \t takes ]\t\nregion \t=\t eu-west-1 \t\n",
       {{"takes", {{"region", "eu-west-1"}}}}},
      {"CRLF and a byte order mark",
       "\xef\xbb\xbf[profile takes]\r\na = 1\r\n\r\nb = 2\r\n",
       {{"takes", {{"a", "1"}, {"b", "2"}}}}},
      {"no end of the last line",
       "[default]\na = 1\n[profile takes]\nb = 2",
       {{"default", {{"a", "1"}}}, {"takes", {{"b", "2"}}}}},
      {"comments",
       "# one\n; two\n[profile takes] # three\n  # four\na = 1 ; five\nb = 2 # six\n[profile x];seven\n[profile "
       "y]#eight",
       {{"takes", {{"a", "1"}, {"b", "2"}}}, {"x", {}}, {"y", {}}}},
      {"signs of comments within values", "[default]\na = 1;2\nb = 3#4\n", {{"default", {{"a", "1;2"}, {"b", "3#4"}}}}},
      {"equals signs within values", "[default]\na = b=c=\n", {{"default", {{"a", "b=c="}}}}},
      {"empty values", "[default]\na =\nb=\n", {{"default", {{"a", ""}, {"b", ""}}}}},
      {"names without regard to case", "[default]\nRegion = x\n", {{"default", {{"region", "x"}}}}},
      {"profile names with regard to case",
       "[profile A]\nx=1\n[profile a]\nx=2\n",
       {{"A", {{"x", "1"}}}, {"a", {{"x", "2"}}}}},
      {"the last of duplicates, over sections",
       "[profile p]\na=1\na=2\nb=1\n[profile p]\nb=2\n",
       {{"p", {{"a", "2"}, {"b", "2"}}}}},
      {"prefixed default first", "[profile default]\na=1\n[default]\nb=2\n", {{"default", {{"a", "1"}}}}},
      {"prefixed default last", "[default]\nb=2\n[profile default]\na=1\n", {{"default", {{"a", "1"}}}}},
      {"sections of other kinds",
       "[takes]\na=1\n[profiletakes]\na=1\n[sso-session x]\na=1\n[services y]\ns3 =\n  endpoint_url = z\n[preview]\n a "
       "b c\n",
       {}},
      {"names that are none",
       "[profile two words]\na=1\n[profile ok]\ntwo words = 1\n  and more\nb=2\n",
       {{"ok", {{"b", "2"}}}}},
      {"all signs of profile names",
       "[profile some-thing:long/the_one%only.foo@bar+]",
       {{"some-thing:long/the_one%only.foo@bar+", {}}}},
      {"continued values",
       "[default]\na = 1\n  two # no comment\n\tthree\nb = 4\n",
       {{"default", {{"a", "1\ntwo # no comment\nthree"}, {"b", "4"}}}}},
      {"nested blocks",
       "[default]\ns3 =\n  max_bandwidth = 1\n\n  # about it\n  addressing_style = path\nregion = x\n",
       {{"default", {{"s3", "\nmax_bandwidth = 1\naddressing_style = path"}, {"region", "x"}}}}},
      {"a nested name is no setting of the profile",
       "[default]\ns3 =\n  aws_access_key_id = NESTED\n",
       {{"default", {{"s3", "\naws_access_key_id = NESTED"}}}}},
      {"UTF-8 in values", "[default]\nname = Caf\xc3\xa9\n", {{"default", {{"name", "Caf\xc3\xa9"}}}}},
  };
  for (const Case& one : cases) {
    INFO(one.what);
    CHECK(config(one.text) == one.profiles);
  }
}

TEST_CASE("credentials files have profiles without a prefix") {
  CHECK(credentials("[takes]\na=1\n[profile other]\nb=2\n[ default ]\nc=3\n") ==
        ConfigProfiles{{"takes", {{"a", "1"}}}, {"default", {{"c", "3"}}}});
}

TEST_CASE("what is no config file is refused by its line, without quoting it") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[profile takes\n", "line 1: a section must end with ']'"},
      {"[default] SECRET\n", "line 1: nothing but a comment may stand behind a section's ']'"},
      {"SECRET = 1\n", "line 1: a setting stands in front of the first section"},
      {"  SECRET\n", "line 1: a setting stands in front of the first section"},
      {"[default]\nSECRET\n", "line 2: a setting has no '='"},
      {"[default]\nSECRET : 1\n", "line 2: a setting has no '='"},
      {"[default]\n= SECRET\n", "line 2: a setting has no name"},
      {"[default]\n\n  SECRET\n", "line 3: an indented line continues no setting"},
      {"[default]\na = 1\n[default]\n SECRET\n", "line 4: an indented line continues no setting"},
      {"[default]\ns3 =\n SECRET\n", "line 3: a nested setting has no '='"},
      {"[default]\ns3 =\n = SECRET\n", "line 3: a nested setting has no name"},
      {std::string("[default]\na = \0SECRET\n", 22), "the file is no text"},
      {"[default]\na = " + std::string(max_config_bytes, 'x'), "the file has more than 1048576 bytes"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_config(text, ConfigDialect::config);
    CHECK(code_of(parsed) == ErrorCode::invalid_argument);
    CHECK(parsed.error().message() == message);
  }
}

TEST_CASE("the credentials file wins over the config file, setting by setting") {
  const auto both = merged(config("[default]\nregion=x\naws_access_key_id=config\n[profile a]\nq=1\n"),
                           credentials("[default]\naws_access_key_id=credentials\n[b]\nr=2\n"));
  CHECK(both == ConfigProfiles{{"default", {{"region", "x"}, {"aws_access_key_id", "credentials"}}},
                               {"a", {{"q", "1"}}},
                               {"b", {{"r", "2"}}}});
}

TEST_CASE("a setting that is empty counts as missing") {
  const ConfigProfile profile{{"a", ""}, {"b", "1"}};
  CHECK_FALSE(setting(profile, "a"));
  CHECK_FALSE(setting(profile, "c"));
  CHECK(setting(profile, "b") == "1");
}

TEST_CASE("random lines of config are read or refused, and reading is stable") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  const std::vector<std::string> pieces{"[",  "]",   "profile ", "default", "a",  "=",
                                        " ",  "\t",  "#",        ";",       "\r", "\n",
                                        "\n", "\n ", "s3 =\n ",  "\xff",    "\"", "\xef\xbb\xbf"};
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = random.below(40); i > 0; --i) text += pieces[random.below(pieces.size())];
    for (const auto dialect : {ConfigDialect::config, ConfigDialect::credentials}) {
      const auto parsed = parse_config(text, dialect);
      if (!parsed) {
        CHECK(parsed.error().code() == ErrorCode::invalid_argument);
        continue;
      }
      std::string again;
      for (const auto& [name, profile] : *parsed) {
        again += (dialect == ConfigDialect::config ? "[profile " : "[") + name + "]\n";
        for (const auto& [key, value] : profile) {
          if (value.find('\n') == std::string::npos) again += key + " = " + value + "\n";
        }
      }
      const auto reread = must(parse_config(again, dialect));
      CHECK(reread.size() == parsed->size());
    }
  }
}
