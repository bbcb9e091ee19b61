#pragma once
// A vector that grows by pieces: nothing is moved and at most one piece is spare, so its memory is what it holds.

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace moeplan {

template <class T, std::size_t kPiece = 4096>
class Chunked {
public:
    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T& operator[](std::size_t i) { return (*pieces_[i / kPiece])[i % kPiece]; }
    const T& operator[](std::size_t i) const { return (*pieces_[i / kPiece])[i % kPiece]; }

    void push_back(const T& value) {
        if (size_ == pieces_.size() * kPiece) pieces_.push_back(std::make_unique<std::array<T, kPiece>>());
        (*this)[size_++] = value;
    }
    // Later elements are `value`.
    void grow_to(std::size_t size, const T& value) {
        while (size_ < size) push_back(value);
    }
    void shrink_to(std::size_t size) {
        if (size >= size_) return;
        size_ = size;
        pieces_.resize((size_ + kPiece - 1) / kPiece);
    }

private:
    std::vector<std::unique_ptr<std::array<T, kPiece>>> pieces_;
    std::size_t size_ = 0;
};

}  // namespace moeplan
