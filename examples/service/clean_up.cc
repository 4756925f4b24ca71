#include "clean_up.h"

#include <algorithm>

namespace audio_service {
namespace {

using audiostore::ErrorCode;
using audiostore::Result;

/// An upload that was begun just before its signature ended may still be on its way.
constexpr std::chrono::hours longest_direct_upload{1};

/// The ticket in the key of an object on its way: "staging/{ticket}" or "held/{ticket}/{attempt}". "" for other keys.
std::string ticket_in(std::string_view key) {
  constexpr std::string_view staging = "staging/";
  constexpr std::string_view held = "held/";
  if (key.starts_with(staging)) return std::string(key.substr(staging.size()));
  if (key.starts_with(held)) return std::string(key.substr(held.size(), key.find('/', held.size()) - held.size()));
  return {};
}

}  // namespace

SweepReport CleanUp::sweep(bool everything) {
  SweepReport report;
  const auto note = [&](int& count, const Result<void>& done) {
    if (done) {
      ++count;
    } else {
      report.failures.push_back(done.error().to_string());
    }
  };
  accounts_.sweep_sessions();
  const auto before = everything ? clock_->now() + 2 * lease_time : clock_->now();
  for (const RecordingRow& row : rows_.take_over_unfinished(before)) {
    note(report.finished, recordings_.finish_left_over(row));
  }
  for (const TicketRow& ticket : ticket_rows_.expired(clock_->now() - longest_direct_upload)) {
    note(report.tickets, tickets_.clear(ticket).transform([&] { ticket_rows_.remove(ticket.id); }));
  }
  if (everything) {
    if (const auto cleared = tickets_.clear_held(); !cleared) report.failures.push_back(cleared.error().to_string());
  }
  return report;
}

Result<std::vector<std::string>> CleanUp::keys_below(const std::string& prefix) {
  std::vector<std::string> keys;
  audiostore::ListOptions options{.prefix = prefix};
  do {
    auto page = store_->list(options);
    if (!page) return std::move(page).error();
    for (auto& object : page->objects) keys.push_back(std::move(object.key));
    options.continuation_token = page->next_token;
  } while (!options.continuation_token.empty());
  return keys;
}

Result<bool> CleanUp::is_stored(const std::string& key) {
  const auto parsed = audiostore::ObjectKey::parse(key);
  if (!parsed) return true;  // listed, so it is there, whoever stored it
  const auto there = store_->head(*parsed);
  if (!there && there.error().code() != ErrorCode::not_found) return there.error();
  return there.has_value();
}

bool CleanUp::is_known(const std::string& key) {
  const std::string ticket = ticket_in(key);
  return ticket.empty() ? rows_.has_key(key) : ticket_rows_.has(ticket);
}

Result<Mismatches> CleanUp::compare() {
  Mismatches mismatches;
  std::vector<std::string> listed;
  for (const char* prefix : {"held/", "staging/", "users/"}) {
    auto keys = keys_below(prefix);
    if (!keys) return std::move(keys).error();
    listed.insert(listed.end(), keys->begin(), keys->end());
  }
  // Both sides are looked at again where they differ: they may have changed since they were listed.
  for (const std::string& key : listed) {
    if (is_known(key)) continue;
    const auto stored = is_stored(key);
    if (!stored) return stored.error();
    if (*stored) mismatches.objects_without_row.push_back(key);
  }
  for (const RecordingRow& row : rows_.all_stored()) {
    if (std::ranges::binary_search(listed, row.key)) continue;
    const auto stored = is_stored(row.key);
    if (!stored) return stored.error();
    const auto still = rows_.find(row.owner, row.id);
    if (!*stored && still && still->is_stored()) mismatches.rows_without_object.push_back(row.key);
  }
  return mismatches;
}

}  // namespace audio_service
