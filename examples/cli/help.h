// How --help is written: within 80 columns, and without CLI11's own remarks between a name and what it means.
#pragma once

#include <CLI/CLI.hpp>

#include <memory>
#include <string>

namespace cli {

class HelpFormatter final : public CLI::Formatter {
 public:
  HelpFormatter();

  std::string make_option_name(const CLI::Option* option, bool is_positional) const override;
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;
  std::string make_footer(const CLI::App* app) const override;
};

}  // namespace cli
