// What one check found.
#pragma once

#include <nlohmann/json.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli::doctor {

enum class Status { ok, skipped, warning, problem };  // the worst last

std::string_view to_string(Status status) noexcept;

struct Finding {
  std::string check;  ///< the check's name
  Status status = Status::ok;
  std::string found;        ///< what is so; never holds a secret
  std::string remedy = {};  ///< one sentence: what to do about it
  std::string paste = {};   ///< what to paste somewhere, as the remedy says: a policy, CORS rules
  bool not_run = false;     ///< skipped because of what came before; `found` is why
};

using Findings = std::vector<Finding>;

// Findings without a name; whoever runs the check gives it.
Finding ok(std::string found);
Finding skipped(std::string why);
Finding warning(std::string found, std::string remedy, std::string paste = {});
Finding problem(std::string found, std::string remedy, std::string paste = {});

/// The worst of them; ok where there are none.
Status worst(std::span<const Finding> findings) noexcept;

/// Lines for a person: the finding, the remedy below it, and what to paste. Without a newline at the end.
std::string to_text(const Finding& finding);
/// All checks that were not run, a line for each reason; "" where there are none.
std::string not_run_text(std::span<const Finding> findings);
/// {"check", "status", "found"}, and "remedy" and "paste" where there are any.
nlohmann::json to_json(const Finding& finding);

/// How many have which status: {"ok": 3, "skipped": 0, ...}.
nlohmann::json counts(std::span<const Finding> findings);
/// The same for a person: "3 ok, 0 skipped, 1 warning, 0 problem".
std::string summary(std::span<const Finding> findings);

}  // namespace cli::doctor
