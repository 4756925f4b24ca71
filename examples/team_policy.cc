// The application decides who may do what: here a band shares its takes, and only the producer may delete.
#include <audiostore/audiostore.h>

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>

using namespace audiostore;

namespace {

/// What would be a table in the application's database.
const std::map<std::string, std::set<std::string>, std::less<>> members_of_project{
    {"debut-album", {"ann", "bob", "producer"}}};

Decision band_policy(const AccessRequest& request) {
  const auto members = members_of_project.find(request.project);
  const bool member = members != members_of_project.end() && members->second.contains(std::string(request.principal));
  const bool may_delete = request.principal == "producer";
  const bool allowed = member && (request.operation != AccessOperation::remove || may_delete);
  return allowed ? Decision::allow : Decision::deny;
}

std::string outcome(const auto& result) { return result ? "allowed" : std::string(to_string(result.error().code())); }

/// The smallest WAV file: a header and two samples of silence.
Payload silence() {
  using namespace std::string_literals;
  return Payload::from_string(
      "RIFF\x28\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x44\xac\0\0\x88\x58\1\0\2\0\x10\0data\4\0\0\0\0\0\0\0"s);
}

}  // namespace

int main() {
  AudioStore takes(make_memory_store(), band_policy, {.denial = DenialMode::not_found});
  const RecordingId id = RecordingId::make("band", "debut-album", "track-1").value();

  const auto uploaded = takes.upload("ann", id, silence());
  fmt::print("ann uploads             {}\n", outcome(uploaded));
  fmt::print("bob lists the project   {}\n", outcome(takes.list_project("bob", "band", "debut-album")));
  fmt::print("eve lists the project   {}\n", outcome(takes.list_project("eve", "band", "debut-album")));
  fmt::print("bob deletes the take    {}\n", outcome(takes.remove_recording("bob", id)));
  fmt::print("the producer deletes it {}\n", outcome(takes.remove_recording("producer", id)));
}
