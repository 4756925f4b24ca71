// The parts of one object, read by several threads at once.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace audiostore {

/// Reads a slice of the object in parts on threads of its own. They are begun in order and end in any; the first
/// failure ends all of them. For one thread, the one that made it; the destructor stops the others and waits for them.
class PartReaders {
 public:
  /// Reads one part; called on many threads at once, must end soon after a stop is requested.
  using ReadPart = std::function<Result<void>(ByteRange::Slice part, const std::stop_token& stop)>;

  struct Plan {
    ByteRange::Slice slice;        ///< what is to be read
    std::uint64_t part_bytes = 0;  ///< of all parts but the last. REQUIRES: not 0
    int threads = 1;
  };

  struct State {
    std::uint64_t whole_to = 0;    ///< the offset up to which all parts have been read
    std::optional<Error> failure;  ///< the first one
  };

  /// When `stop` is requested, the readers end too. Throws std::system_error where no thread can be had.
  PartReaders(const Plan& plan, ReadPart read_part, const std::stop_token& stop);
  PartReaders(const PartReaders&) = delete;
  PartReaders& operator=(const PartReaders&) = delete;
  ~PartReaders();

  /// Requested when something has ended the readers before their time.
  [[nodiscard]] std::stop_token stopped() const noexcept { return stop_.get_token(); }

  /// The state as it is when more than `known_to` bytes are whole, when something failed or stopped, or after
  /// `at_most`.
  [[nodiscard]] State wait(std::uint64_t known_to, std::chrono::milliseconds at_most);

 private:
  void work();
  std::optional<ByteRange::Slice> next();
  Result<void> add(const ByteRange::Slice& part);
  void fail(Error error);

  const Plan plan_;
  const ReadPart read_part_;
  std::stop_source stop_;
  const std::stop_callback<std::function<void()>> on_stop_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t begun_ = 0;                        // bytes of the slice that some thread has taken on
  std::uint64_t whole_to_;                         // see State
  std::map<std::uint64_t, std::uint64_t> beyond_;  // parts that are whole behind a gap: offset and length
  std::optional<Error> failure_;
  std::vector<std::jthread> threads_;
};

}  // namespace audiostore
