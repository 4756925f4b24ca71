// Uploads that go from the client to the bucket directly, under conditions that the service sets and checks.
#pragma once

#include "data/ticket_rows.h"
#include "recordings.h"

#include <audiostore/s3_store.h>
#include <audiostore/s3_uploads.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audio_service {

struct TicketOptions {
  std::chrono::seconds lifetime = std::chrono::minutes(30);        ///< and what the bytes take at slowest_rate
  std::chrono::seconds longest_lifetime = std::chrono::hours(12);  ///< however many they are
  std::chrono::seconds part_lifetime = std::chrono::minutes(30);   ///< of the signature of one part
  std::uint64_t slowest_rate = std::uint64_t{16} << 10;            ///< bytes a second, as the service takes them
  std::uint64_t multipart_threshold = std::uint64_t{16} << 20;     ///< larger takes go up in parts
  bool allow_post = true;                                          ///< forms, where the provider has them
};

struct TicketRequest {
  std::string project;
  std::string recording;
  std::uint64_t size = 0;
  std::string content_type;
};

/// What a client is told: how to send the bytes.
struct Ticket {
  TicketRow row;
  std::string url = {};
  audiostore::Headers fields = {};  ///< of a form, or the headers of a PUT
  std::uint64_t part_size = 0;
  int part_count = 0;
};

struct SignedPart {
  int number;
  audiostore::SignedRequest request;
};

/// A ticket is bound to who asked, the recording, size, type and an end. What it signs writes to `staging/{ticket}` and
/// nowhere else: the final key is written by the service only, as a copy of just the bytes that it has inspected.
///
/// Whoever has the ticket can write to staging again at any moment, also between inspection and copy. Storage that
/// copies on a condition (If-Match of the source) refuses the copy then. For storage that does not, e.g. Ceph's
/// gateway, each completion first copies what is in staging to `held/{ticket}/{random}`, which no signature was ever
/// given out for and no other completion writes to: what is there stays what it is, is inspected, copied on, removed.
///
/// Thread-safe. Throws SQLite::Exception where the database fails.
class Tickets {
 public:
  /// `objects` reads, copies and removes; `signer`, over the same bucket, signs and keeps the uploads in parts.
  Tickets(TicketRows& rows, Recordings& recordings, std::shared_ptr<audiostore::ObjectStore> objects,
          std::shared_ptr<audiostore::S3Store> signer, std::shared_ptr<const audiostore::Clock> clock,
          TicketOptions options = {});

  /// Errors: invalid_argument, too_large, unsupported_media_type, not_found (the project), already_exists,
  /// rate_limited, those of the store.
  audiostore::Result<Ticket> open(std::string_view user, const TicketRequest& request);

  /// Signs parts of an upload in parts. Errors: not_found (no such ticket, it has ended or is spent), invalid_argument
  /// (numbers).
  audiostore::Result<std::vector<SignedPart>> sign_parts(std::string_view user, std::string_view ticket,
                                                         const std::vector<int>& numbers);

  /// Inspects what is in staging and makes it the recording, once: again is the same, until that is deleted. Errors:
  /// not_found (no such ticket, it has ended, or its recording was deleted), precondition_failed (nothing or something
  /// else was uploaded; or it changed meanwhile), those of inspect_audio() and RecordingRows::claim().
  audiostore::Result<RecordingRow> complete(std::string_view user, std::string_view ticket);

  /// Drops the ticket, and what is in staging. A recording that it has become stays. Errors: not_found.
  audiostore::Result<void> abort(std::string_view user, std::string_view ticket);

  /// Removes what is left of a ticket that has ended.
  audiostore::Result<void> clear(const TicketRow& ticket);

  /// Removes what completions that were killed have left in held/, before their tickets end. Only for when none is
  /// under way.
  audiostore::Result<void> clear_held();

 private:
  audiostore::Result<Ticket> sign(TicketRow row);
  [[nodiscard]] std::string mode_of(const TicketRequest& request) const;
  [[nodiscard]] std::chrono::seconds lifetime_of(std::uint64_t size) const;
  audiostore::Result<TicketRow> begin_parts(TicketRow row);
  audiostore::Result<TicketRow> living(std::string_view user, std::string_view ticket);
  audiostore::Result<std::optional<RecordingRow>> made_before(const TicketRow& ticket);
  audiostore::Result<RecordingRow> make(const TicketRow& ticket);
  audiostore::Result<void> assemble(const TicketRow& ticket);
  audiostore::Result<audiostore::ObjectInfo> look_at(const audiostore::ObjectKey& key);
  audiostore::Result<RecordingRow> hold(const TicketRow& ticket);
  audiostore::Result<RecordingRow> keep(const TicketRow& ticket, const audiostore::ObjectKey& from,
                                        const audiostore::ObjectInfo& info);
  audiostore::Result<RecordingRow> inspect(const TicketRow& ticket, const audiostore::ObjectKey& from,
                                           const audiostore::ObjectInfo& info);
  audiostore::Result<void> may_upload(const TicketRow& ticket) const;
  [[nodiscard]] bool copies_on_condition() const { return objects_->capabilities().conditional_copy; }
  audiostore::Result<void> remove_below(const std::string& prefix);

  TicketRows& rows_;
  Recordings& recordings_;
  std::shared_ptr<audiostore::ObjectStore> objects_;
  std::shared_ptr<audiostore::S3Store> signer_;
  std::shared_ptr<const audiostore::Clock> clock_;
  TicketOptions options_;
};

}  // namespace audio_service
