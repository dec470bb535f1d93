// SPDX-License-Identifier: MIT
/*
 * C++ containers on a heap: a std::pmr::memory_resource, which a container is
 * given when it is made, and an allocator, which is part of its type. Both
 * tell hz3 the size of what they free.
 * needs: !HZ3_OVERRIDE_LIBC
 */
#include <list>
#include <map>
#include <memory_resource>
#include <new>
#include <string>
#include <vector>

#include "sample.h"

static hz3_heap *new_heap()
{
	hz3_heap *heap = hz3_heap_create();

	if (!heap)
		throw std::bad_alloc();
	return heap;
}

/* Owns a heap; what is still allocated from it goes with it. */
class heap_resource : public std::pmr::memory_resource {
	hz3_heap *heap = new_heap();

	void *do_allocate(std::size_t size, std::size_t alignment) override
	{
		void *ptr = hz3_heap_aligned_alloc(heap, alignment, size);

		if (!ptr)
			throw std::bad_alloc();
		return ptr;
	}

	void do_deallocate(void *ptr, std::size_t size,
			   std::size_t alignment) override
	{
		hz3_free_aligned_sized(ptr, alignment, size);
	}

	bool do_is_equal(const memory_resource &other) const noexcept override
	{
		return this == &other;
	}

    public:
	heap_resource() = default;
	heap_resource(const heap_resource &) = delete;
	heap_resource &operator=(const heap_resource &) = delete;
	~heap_resource() override
	{
		hz3_heap_destroy(heap);
	}
	void set_limit(std::size_t bytes)
	{
		hz3_heap_set_limit(heap, bytes);
	}
};

/* For containers that need no heap of their own. */
template <typename T> struct hz3_allocator {
	using value_type = T;

	hz3_allocator() = default;
	template <typename U> hz3_allocator(const hz3_allocator<U> &) noexcept
	{
	}

	T *allocate(std::size_t n)
	{
		void *ptr = NULL;

		if (n <= std::size_t(-1) / sizeof(T))
			ptr = hz3_aligned_alloc(alignof(T), n * sizeof(T));
		if (!ptr)
			throw std::bad_alloc();
		return static_cast<T *>(ptr);
	}

	void deallocate(T *ptr, std::size_t n) noexcept
	{
		hz3_free_aligned_sized(ptr, alignof(T), n * sizeof(T));
	}

	template <typename U>
	bool operator==(const hz3_allocator<U> &) const noexcept
	{
		return true;
	}
	template <typename U>
	bool operator!=(const hz3_allocator<U> &) const noexcept
	{
		return false;
	}
};

struct alignas(64) line {
	int number;
};

/* Nodes and arrays of all sizes, freed in another order. */
template <typename Map, typename List, typename Vector>
static void fill(Map &map, List &list, Vector &vector)
{
	for (int i = 0; i < 200000; i++) {
		map[i * 7919L % 50021].assign(std::size_t(i) % 200, 'x');
		list.push_back(i);
		if (i % 3)
			list.pop_front();
		vector.push_back(line{ i });
		MUST(reinterpret_cast<std::size_t>(&vector[0]) % 64 == 0);
	}
	MUST(map.size() == 50021 && vector[777].number == 777);
	MUST(map[199999 * 7919L % 50021].size() == 199);
}

static void run_own()
{
	std::map<long, std::string> map;
	std::list<int> list;
	std::vector<line> vector;

	fill(map, list, vector);
}

static void run_in_heap()
{
	{
		heap_resource heap;
		std::pmr::map<long, std::pmr::string> map(&heap);
		std::pmr::list<int> list(&heap);
		std::pmr::vector<line> vector(&heap);

		fill(map, list, vector);
	}
	must_be_gone();
}

static void run_allocator()
{
	using text = std::basic_string<char, std::char_traits<char>,
				       hz3_allocator<char>>;
	using pair = std::pair<const long, text>;

	std::map<long, text, std::less<long>, hz3_allocator<pair>> map;
	std::list<int, hz3_allocator<int>> list;
	std::vector<line, hz3_allocator<line>> vector;

	MUST(hz3_owns(vector.insert(vector.end(), line{ 0 }).base()));
	vector.clear();
	fill(map, list, vector);
}

/* What is too much is an exception; the heap frees what was left behind. */
static void run_limited()
{
	using strings = std::pmr::list<std::pmr::string>;

	{
		heap_resource heap;
		void *place = heap.allocate(sizeof(strings), alignof(strings));
		auto *list = new (place) strings(&heap);
		bool refused = false;

		heap.set_limit(4 << 20);
		try {
			for (;;)
				list->emplace_back(1000, 'x');
		} catch (const std::bad_alloc &) {
			refused = true;
		}
		MUST(refused && list->size() > 3000);
	}
	must_be_gone();
}

int main()
{
	measure("C++, own", run_own);
	measure("C++, a heap", run_in_heap);
	measure("C++, allocator", run_allocator);
	measure("C++, limited", run_limited);
	return 0;
}
