#include "finding.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

namespace cli::doctor {
namespace {

constexpr std::array statuses{Status::ok, Status::skipped, Status::warning, Status::problem};

/// `text` with every line of it behind `indent`.
std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += fmt::format("\n{}{}", indent, text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::ptrdiff_t count(std::span<const Finding> findings, Status status) {
  return std::ranges::count(findings, status, &Finding::status);
}

}  // namespace

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::ok: return "ok";
    case Status::skipped: return "skipped";
    case Status::warning: return "warning";
    case Status::problem: return "problem";
  }
  return "";
}

Finding ok(std::string found) { return {.check = {}, .status = Status::ok, .found = std::move(found)}; }

Finding skipped(std::string why) { return {.check = {}, .status = Status::skipped, .found = std::move(why)}; }

Finding warning(std::string found, std::string remedy, std::string paste) {
  return {.check = {},
          .status = Status::warning,
          .found = std::move(found),
          .remedy = std::move(remedy),
          .paste = std::move(paste)};
}

Finding problem(std::string found, std::string remedy, std::string paste) {
  Finding finding = warning(std::move(found), std::move(remedy), std::move(paste));
  finding.status = Status::problem;
  return finding;
}

Status worst(std::span<const Finding> findings) noexcept {
  Status worst = Status::ok;
  for (const Finding& finding : findings) worst = std::max(worst, finding.status);
  return worst;
}

std::string to_text(const Finding& finding) {
  std::string text = fmt::format("{:<8} {:<12} {}", to_string(finding.status), finding.check, finding.found);
  if (!finding.remedy.empty()) text += fmt::format("\n{:>21} {}", "->", finding.remedy);
  return text + indented(finding.paste, std::string(22, ' '));
}

std::string not_run_text(std::span<const Finding> findings) {
  std::map<std::string_view, std::vector<std::string_view>> by_reason;
  for (const Finding& finding : findings) {
    if (finding.not_run) by_reason[finding.found].push_back(finding.check);
  }
  std::string text;
  for (const auto& [reason, checks] : by_reason) {
    text += fmt::format("{}{:<8} {}: {}", text.empty() ? "" : "\n", to_string(Status::skipped), fmt::join(checks, ", "),
                        reason);
  }
  return text;
}

nlohmann::json to_json(const Finding& finding) {
  nlohmann::json json{{"check", finding.check}, {"status", to_string(finding.status)}, {"found", finding.found}};
  if (!finding.remedy.empty()) json["remedy"] = finding.remedy;
  if (!finding.paste.empty()) json["paste"] = finding.paste;
  return json;
}

nlohmann::json counts(std::span<const Finding> findings) {
  nlohmann::json json = nlohmann::json::object();
  for (const Status status : statuses) json[std::string(to_string(status))] = count(findings, status);
  return json;
}

std::string summary(std::span<const Finding> findings) {
  std::string text;
  for (const Status status : statuses) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count(findings, status), to_string(status));
  }
  return text;
}

}  // namespace cli::doctor
