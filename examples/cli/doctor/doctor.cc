#include "doctor.h"

#include "checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace cli::doctor {

using namespace audiostore;

namespace {

struct Check {
  std::string_view name;
  Findings (*run)(Examination&);
  std::array<std::string_view, 2> needs = {};  ///< checks in front of it; "" for none
};

constexpr Check checks[] = {
    {"settings", check_settings},
    {"credentials", check_credentials},
    {"addressing", check_addressing, {"settings"}},
    {"dns", check_dns, {"settings"}},
    {"connection", check_connection, {"dns"}},
    {"tls", check_tls, {"connection"}},
    {"service", check_service, {"tls"}},
    {"clock", check_clock, {"service"}},
    {"signature", check_signature, {"service", "credentials"}},
    {"bucket", check_bucket, {"signature"}},
    {"list", check_list, {"bucket"}},
    {"write", check_write, {"bucket"}},
    {"region", check_region, {"bucket"}},
    {"read", check_read, {"write"}},
    {"presign", check_presign, {"write"}},
    {"public", check_public, {"write"}},
    {"cors", check_cors, {"write"}},
    {"delete", check_delete, {"write"}},
    {"uploads", check_uploads, {"bucket"}},
    {"lifecycle", check_lifecycle, {"bucket"}},
    {"quirks", check_quirks, {"bucket"}},
};

/// Control characters made visible, as Error does: certificates, headers and replies are written by anybody, and a
/// terminal obeys escape sequences.
std::string harmless(const std::string& text) { return Error(ErrorCode::internal, text).message(); }

Finding not_run(std::string why) {
  Finding finding = skipped(std::move(why));
  finding.not_run = true;
  return finding;
}

/// The findings of a run so far, by which the next check knows whether it makes sense.
class Run {
 public:
  explicit Run(const OnFinding& on_finding) : on_finding_(on_finding) {}

  void add(std::string_view check, Findings findings) {
    for (Finding& finding : findings) {
      finding.check = check;
      finding.found = harmless(finding.found);
      finding.remedy = harmless(finding.remedy);
      if (on_finding_) on_finding_(finding);
      all_.push_back(std::move(finding));
    }
  }

  /// What keeps a check that needs these from being run; nullopt where all went well. A check that was not run itself
  /// passes its own reason on, so that the reason is the one thing to be mended.
  [[nodiscard]] std::optional<Finding> obstacle(std::span<const std::string_view> needs) const {
    for (const std::string_view name : needs) {
      const auto bad = std::ranges::find_if(all_, [&](const Finding& f) { return f.check == name && stops_others(f); });
      if (bad == all_.end()) continue;
      return bad->not_run ? *bad : not_run(fmt::format("'{}' has to go well first", name));
    }
    return std::nullopt;
  }

  Findings take() { return std::move(all_); }

 private:
  static bool stops_others(const Finding& finding) { return finding.status == Status::problem || finding.not_run; }

  const OnFinding& on_finding_;
  Findings all_;
};

Findings carry_out(const Check& check, const Run& run, Examination& examination) {
  if (examination.subject.stop.stop_requested()) return {not_run("stopped before")};
  if (auto obstacle = run.obstacle(check.needs)) return {*std::move(obstacle)};
  Findings findings = check.run(examination);
  const bool told_by_stop = examination.subject.stop.stop_requested() && worst(findings) == Status::problem;
  if (told_by_stop) return {not_run("stopped before")};  // what a call says that was cut short is about the stop
  return findings;
}

/// The probe object of a run that did not get as far as removing it, or was stopped in front of that.
void clean_up(Examination& examination, Run& run) {
  if (const auto removed = examination.remove_probe(); !removed) {
    run.add(
        "delete",
        {problem(fmt::format("{} could not be removed: {}", examination.probe.key.str(), removed.error().to_string()),
                 "remove it by hand")});
  }
}

}  // namespace

Findings examine(Subject subject, const OnFinding& on_finding) {
  Run run(on_finding);
  const auto examination = Examination::make(std::move(subject));
  if (!examination) {
    run.add("settings", {problem(examination.error().message(), "correct what the message names")});
    return run.take();
  }
  for (const Check& check : checks) run.add(check.name, carry_out(check, run, **examination));
  clean_up(**examination, run);
  return run.take();
}

}  // namespace cli::doctor
