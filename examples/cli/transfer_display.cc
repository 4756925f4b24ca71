#include "transfer_display.h"

#include "human.h"

#include <audiostore/environment.h>

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <string_view>

namespace cli {
namespace {

constexpr std::chrono::milliseconds redraw_every{150};

struct TerminalSize {
  std::size_t columns;
  std::size_t rows;
};

TerminalSize terminal_size() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
  return known ? TerminalSize{size.ws_col, size.ws_row} : TerminalSize{80, 24};
}

/// Whether what was drawn can be taken back; "dumb" is what terminals say that know no escape sequences.
bool can_redraw() {
  const std::string terminal = audiostore::process_environment("TERM").value_or("");
  return isatty(STDERR_FILENO) != 0 && !terminal.empty() && terminal != "dumb";
}

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

/// As much of `text` as `width` columns of a character each hold: a line that wraps could not be taken back.
std::string cut(std::string_view text, std::size_t width) {
  std::size_t end = 0;
  for (; end < text.size() && (width > 0 || !begins_character(text[end])); ++end) {
    if (begins_character(text[end])) --width;
  }
  return std::string(text.substr(0, end));
}

/// The end of `text`, which is where names differ, in `width` columns of a character each.
std::string fitted(std::string_view text, std::size_t width) {
  auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
  if (characters <= width) return std::string(text) + std::string(width - characters, ' ');
  for (; characters >= width; --characters) {
    text.remove_prefix(1);
    while (!text.empty() && !begins_character(text.front())) text.remove_prefix(1);
  }
  return "<" + std::string(text);
}

double part_of(std::uint64_t done, std::uint64_t size) {
  return size == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(size));
}

std::string bar_line(std::string_view label, std::uint64_t done, std::uint64_t size, std::size_t width) {
  constexpr std::size_t bar = 20;
  constexpr std::size_t figures = bar + 33;
  constexpr std::size_t least_label = 8;
  const double part = part_of(done, size);
  const auto filled = static_cast<std::size_t>(part * bar);
  if (width < figures + least_label) {
    return cut(fmt::format("{:3.0f} % {}", part * 100, fitted(label, std::max<std::size_t>(width, 8) - 6)), width);
  }
  return fmt::format("{} [{:#<{}}{:.<{}}] {:3.0f} % {:>10} / {:<10}", fitted(label, width - figures), "", filled, "",
                     bar - filled, part * 100, human_size(done), human_size(size));
}

}  // namespace

TransferDisplay::TransferDisplay(bool wanted, std::size_t transfers, std::uint64_t total)
    : shown_(wanted && can_redraw()), transfers_(transfers), total_(total), start_(std::chrono::steady_clock::now()) {
  if (shown_) painter_ = std::jthread([this](const std::stop_token& over) { keep_drawing(over); });
}

TransferDisplay::~TransferDisplay() {
  painter_ = {};  // asked to stop, and joined
  if (!shown_) return;
  erase();
  if (ended_ != 0) fmt::print(stderr, "{}\n", total_line());
}

void TransferDisplay::begin(std::size_t id, std::string label, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  active_.push_back({id, std::move(label), 0, size});
  if (shown_) draw();
}

void TransferDisplay::update(std::size_t id, std::uint64_t done, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(active_.begin(), active_.end(), [&](const Transfer& t) { return t.id == id; });
  if (found == active_.end()) return;
  if (size > found->size) {  // not known before
    total_ += size - found->size;
    found->size = size;
  }
  done_ += done - found->done;
  found->done = done;
}

void TransferDisplay::end(std::size_t id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(active_, [&](const Transfer& transfer) { return transfer.id == id; });
  ++ended_;
}

void TransferDisplay::print(const std::function<void()>& print) {
  const std::lock_guard lock(mutex_);
  if (shown_) erase();
  print();
  if (!shown_) return;
  std::fflush(stdout);
  draw();
}

void TransferDisplay::keep_drawing(const std::stop_token& over) {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, over, redraw_every, [&] { return over.stop_requested(); })) {
    if (!active_.empty()) draw();
  }
}

void TransferDisplay::erase() {
  for (; lines_ > 0; --lines_) fmt::print(stderr, "\x1b[1A\x1b[2K");
  fmt::print(stderr, "\r");
  std::fflush(stderr);
}

void TransferDisplay::draw() {
  const TerminalSize size = terminal_size();
  const std::size_t width = size.columns - 1;
  const std::size_t bars = std::min(active_.size(), std::max<std::size_t>(size.rows, 3) - 2);  // what scrolls up stays
  std::string frame;
  for (std::size_t i = 0; i < lines_; ++i) frame += "\x1b[1A\x1b[2K";
  for (std::size_t i = 0; i < bars; ++i) {
    frame += bar_line(active_[i].label, active_[i].done, active_[i].size, width) + "\n";
  }
  frame += cut(total_line(), width) + "\n";
  lines_ = bars + 1;
  std::fwrite(frame.data(), 1, frame.size(), stderr);
  std::fflush(stderr);
}

std::string TransferDisplay::total_line() const {
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start_;
  const double rate = taken.count() > 0 ? static_cast<double>(done_) / taken.count() : 0;
  std::string line = fmt::format("total {:3.0f} %  {} / {}  {}/s", part_of(done_, total_) * 100, human_size(done_),
                                 human_size(total_), human_size(static_cast<std::uint64_t>(rate)));
  if (transfers_ > 1) line += fmt::format("  {} of {}", ended_, transfers_);
  if (done_ < total_ && rate > 0) {
    line += fmt::format("  {} left", human_duration(static_cast<double>(total_ - done_) / rate));
  }
  return line;
}

}  // namespace cli
