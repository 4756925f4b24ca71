// audiostore doctor
#include "doctor/doctor.h"
#include "program.h"

#include <memory>
#include <string>

namespace cli {
namespace {

using namespace audiostore;

struct DoctorOptions {
  std::string prefix;
  std::string origin;
};

doctor::Subject subject_of(const DoctorOptions& options, const Session& session) {
  Connection connection = find_connection(session.global);
  const bool known = connection.provider.value.empty() || connection.options.provider;
  return {.options = std::move(connection.options),
          .bucket_source = connection.bucket.source,
          .endpoint_source = connection.endpoint.source,
          .region_source = connection.region.source,
          .bad_provider = known ? "" : connection.provider.source,
          .prefix = options.prefix,
          .origin = options.origin,
          .stop = session.stop};
}

/// Problems are what was asked for, not a failure of the command: they set the exit code only.
Result<void> run_doctor(const DoctorOptions& options, Session& session) {
  const auto tell = [&](const doctor::Finding& finding) {
    if (!finding.not_run) session.report.text(doctor::to_text(finding));
    session.report.item("findings", doctor::to_json(finding));
  };
  const doctor::Findings findings = doctor::examine(subject_of(options, session), tell);
  if (const std::string text = doctor::not_run_text(findings); !text.empty()) session.report.text(text);
  session.report.text("\n" + doctor::summary(findings));
  session.report.field("counts", doctor::counts(findings));
  if (session.stop.stop_requested()) session.report.set_exit(ExitCode::interrupted);
  if (doctor::worst(findings) == doctor::Status::problem) session.report.set_exit(ExitCode::check_failed);
  return {};
}

}  // namespace

void add_doctor(Program& program) {
  CLI::App* command = program.app.add_subcommand("doctor", "say why the storage does not work, and what to do");
  const auto options = std::make_shared<DoctorOptions>();
  command->add_option("--prefix", options->prefix, "where the probe object is written and removed again")
      ->type_name("PREFIX");
  command->add_option("--origin", options->origin, "also look whether web pages of it may play and upload")
      ->type_name("ORIGIN");
  command->footer(
      "An object is written, read and removed again. Nothing secret is shown. Ends with 0 where all is well or there "
      "are only warnings, with 12 where there is a problem.\n\n" +
      command->get_footer());
  program.on(command, [options](Session& session) { return run_doctor(*options, session); });
}

}  // namespace cli
