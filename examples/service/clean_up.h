// What finishes the work of processes that were killed, and says what does not fit together.
#pragma once

#include "data/accounts.h"
#include "tickets.h"

#include <string>
#include <vector>

namespace audio_service {

struct SweepReport {
  int finished = 0;                   ///< rows brought to their end
  int tickets = 0;                    ///< that had ended, and are gone with what was in staging
  std::vector<std::string> failures;  ///< what will be tried again
};

/// What no sweep changes: a person should look at it.
struct Mismatches {
  std::vector<std::string> objects_without_row;
  std::vector<std::string> rows_without_object;

  [[nodiscard]] bool empty() const { return objects_without_row.empty() && rows_without_object.empty(); }
};

/// Thread-safe, also among processes.
class CleanUp {
 public:
  CleanUp(Accounts& accounts, RecordingRows& rows, Recordings& recordings, TicketRows& ticket_rows, Tickets& tickets,
          std::shared_ptr<audiostore::ObjectStore> store, std::shared_ptr<const audiostore::Clock> clock)
      : accounts_(accounts),
        rows_(rows),
        recordings_(recordings),
        ticket_rows_(ticket_rows),
        tickets_(tickets),
        store_(std::move(store)),
        clock_(std::move(clock)) {}

  /// Ends what has been left: rows whose lease is over, tickets whose signatures are. `everything` takes rows whose
  /// lease still runs as well, and what completions hold: only for when no service is running.
  SweepReport sweep(bool everything = false);

  /// Holds all objects against all rows. Removes nothing. Errors: those of listing.
  audiostore::Result<Mismatches> compare();

 private:
  audiostore::Result<std::vector<std::string>> keys_below(const std::string& prefix);
  audiostore::Result<bool> is_stored(const std::string& key);
  bool is_known(const std::string& key);

  Accounts& accounts_;
  RecordingRows& rows_;
  Recordings& recordings_;
  TicketRows& ticket_rows_;
  Tickets& tickets_;
  std::shared_ptr<audiostore::ObjectStore> store_;
  std::shared_ptr<const audiostore::Clock> clock_;
};

}  // namespace audio_service
