#include "service/service_process.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace audio_service {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// What stands behind the last "listening http://127.0.0.1:" of the log, once it is there.
std::uint16_t wait_for_port(const std::filesystem::path& log) {
  constexpr std::string_view before = "listening http://127.0.0.1:";
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until) {
    const std::string text = read_file(log);
    const std::size_t at = text.rfind(before);
    if (at != std::string::npos && text.find('\n', at) != std::string::npos) {
      return static_cast<std::uint16_t>(std::stoi(text.substr(at + before.size())));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  throw std::runtime_error("the service did not start: " + read_file(log));
}

}  // namespace

std::filesystem::path make_web_folder(const std::filesystem::path& parent) {
  const std::filesystem::path web = parent / "web";
  std::filesystem::create_directories(web);
  std::ofstream(web / "index.html") << "<!doctype html><title>page</title>";
  std::ofstream(web / "app.js") << "export {};";
  std::ofstream(web / "secret.txt") << "not for the page";
  return web;
}

ServiceProcess::ServiceProcess(std::vector<std::string> options) : options_(std::move(options)) { start(); }

ServiceProcess::ServiceProcess(const ServiceProcess& other, std::vector<std::string> options)
    : data_(other.data_), options_(std::move(options)) {
  start();
}

void ServiceProcess::start() {
  const std::filesystem::path log = folder_.path() / "output.log";
  std::filesystem::remove(log);
  std::vector<std::string> command{"sh",
                                   "-c",
                                   R"(log=$1; shift; exec "$@" >"$log" 2>&1)",
                                   "sh",
                                   log.string(),
                                   AUDIO_SERVICE,
                                   "serve",
                                   "--port",
                                   "0",
                                   "--data",
                                   data_.string(),
                                   "--web",
                                   make_web_folder(folder_.path()).string()};
  command.insert(command.end(), options_.begin(), options_.end());
  process_ = std::make_unique<audiostore::ChildProcess>(std::move(command));
  port_ = wait_for_port(log);
}

void ServiceProcess::kill() { process_.reset(); }

std::unique_ptr<audiostore::ChildProcess> ServiceProcess::command(std::vector<std::string> arguments) const {
  std::vector<std::string> line{"sh", "-c", R"("$@" 2>&1)", "sh", AUDIO_SERVICE};
  line.insert(line.end(), arguments.begin(), arguments.end());
  line.insert(line.end(), {"--data", data_.string()});
  return std::make_unique<audiostore::ChildProcess>(std::move(line));
}

std::string ServiceProcess::add_user(const std::string& name) const {
  audiostore::ChildProcess command({AUDIO_SERVICE, "add-user", name, "--data", data_.string()});
  return command.wait_for_line("");
}

std::pair<int, std::string> ServiceProcess::reconcile() const {
  const std::filesystem::path said = folder_.path() / "reconcile.log";
  std::vector<std::string> command{"sh",
                                   "-c",
                                   R"(log=$1; shift; exec "$@" >"$log" 2>&1)",
                                   "sh",
                                   said,
                                   AUDIO_SERVICE,
                                   "reconcile",
                                   "--data",
                                   data_,
                                   "--no-service-runs"};
  if (std::ranges::find(options_, "--env") != options_.end()) command.emplace_back("--env");
  const int status = audiostore::ChildProcess(std::move(command)).wait();
  return {status, read_file(said)};
}

std::string ServiceProcess::new_token(const std::string& name) const {
  audiostore::ChildProcess command({AUDIO_SERVICE, "new-token", name, "--data", data_.string()});
  return command.wait_for_line("");
}

std::string ServiceProcess::origin() const { return fmt::format("http://127.0.0.1:{}", port_); }

std::string ServiceProcess::output() const { return read_file(folder_.path() / "output.log"); }

std::vector<std::string> ServiceProcess::objects() const {
  const std::filesystem::path root = data_ / "objects";
  std::vector<std::string> keys;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    std::string key = std::filesystem::relative(entry.path(), root).string();
    if (!entry.is_regular_file() || key.starts_with(".audiostore")) continue;
    if (key.ends_with("%o")) key.resize(key.size() - 2);  // how the store marks names without an extension
    keys.push_back(key);
  }
  std::ranges::sort(keys);
  return keys;
}

int ServiceProcess::query(const std::string& sql) const {
  constexpr int patience_ms = 10'000;
  SQLite::Database database((data_ / "audio-service.db").string(), SQLite::OPEN_READONLY, patience_ms);
  return database.execAndGet(sql);
}

}  // namespace audio_service
