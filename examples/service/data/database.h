// The database: SQLite with the schema of this program.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace audio_service {

/// Connections to one database file, which several processes on one host may share (WAL). Opening brings the schema up
/// to date; a file of a newer program is refused. Thread-safe. Everything throws SQLite::Exception.
class Database {
 public:
  explicit Database(std::filesystem::path file);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// A connection for one thread, which goes back when the lease ends.
  class Lease {
   public:
    Lease(Database& owner, std::unique_ptr<SQLite::Database> connection)
        : owner_(&owner), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    /// Ends what takes longer, by an exception: SQLITE_INTERRUPT where it thinks, SQLITE_BUSY where it waits.
    void limit(std::chrono::milliseconds patience);

    SQLite::Database& operator*() const { return *connection_; }
    SQLite::Database* operator->() const { return connection_.get(); }

   private:
    friend class Database;
    struct EndTurn {
      void operator()(Database* owner) const { owner->end_turn(); }
    };

    using Time = std::chrono::steady_clock::time_point;

    Database* owner_;
    std::unique_ptr<Time> deadline_;  // where SQLite finds it, wherever the lease is moved to
    std::unique_ptr<Database, EndTurn> turn_;
    std::unique_ptr<SQLite::Database> connection_;
  };

  Lease lease();
  /// For who writes: SQLite has one writer at a time, and lets others try now and then, in no order. In this process
  /// each waits for its turn, no longer than it would for other processes; only these are met there. Not to be asked
  /// for twice by one thread.
  Lease write_lease();

 private:
  void give_back(std::unique_ptr<SQLite::Database> connection);
  void begin_turn();
  void end_turn();
  [[nodiscard]] std::unique_ptr<SQLite::Database> connect() const;

  std::filesystem::path file_;
  std::mutex mutex_;
  std::condition_variable turn_has_ended_;
  bool is_writing_ = false;  // guarded, as what follows
  std::vector<std::unique_ptr<SQLite::Database>> idle_;
};

/// The version that the newest migration leaves in `PRAGMA user_version`.
int schema_version();

}  // namespace audio_service
