// audio-service as it is built, on a free port over a folder that goes with the test.
#pragma once

#include "support/child_process.h"
#include "support/temp_folder.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace audio_service {

class ServiceProcess {
 public:
  /// `options` are added to those of the command line.
  explicit ServiceProcess(std::vector<std::string> options = {});
  /// Another one over the data of `other`.
  ServiceProcess(const ServiceProcess& other, std::vector<std::string> options);

  /// Makes a user; the token.
  [[nodiscard]] std::string add_user(const std::string& name) const;
  /// Makes another token for a user.
  [[nodiscard]] std::string new_token(const std::string& name) const;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  [[nodiscard]] std::string origin() const;
  [[nodiscard]] const std::filesystem::path& data() const noexcept { return folder_.path(); }
  /// All that it has written so far, on both outputs, also before it was killed.
  [[nodiscard]] std::string output() const;

  /// A command of the program over the same data, with its errors in its output.
  [[nodiscard]] std::unique_ptr<audiostore::ChildProcess> command(std::vector<std::string> arguments) const;

  /// kill -9. The data stays.
  void kill();
  /// What `audio-service reconcile` says when no service runs, and its exit status.
  [[nodiscard]] std::pair<int, std::string> reconcile() const;
  /// Again, over the same data.
  void start();

  /// The objects of the embedded storage, by key.
  [[nodiscard]] std::vector<std::string> objects() const;
  /// A number out of the database.
  [[nodiscard]] int query(const std::string& sql) const;

 private:
  audiostore::TempFolder folder_;
  std::filesystem::path data_ = folder_.path() / "data";
  std::vector<std::string> options_;
  std::uint16_t port_ = 0;
  std::unique_ptr<audiostore::ChildProcess> process_;
};

/// A folder for a page.
std::filesystem::path make_web_folder(const std::filesystem::path& parent);

}  // namespace audio_service
