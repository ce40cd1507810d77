/* The files of the operations page and the description of its API, as bytes of the program: nothing has to be
 * installed beside it. */
#ifndef CAMPUS_PAGE_H
#define CAMPUS_PAGE_H
#include <stddef.h>
#include <stdint.h>

enum page_name { PAGE_INDEX, PAGE_STYLE, PAGE_SCRIPT, PAGE_WORDS, PAGE_OPENAPI };

struct page_file {
  const uint8_t *bytes;
  size_t count;
};

/* Static bytes; they live as long as the program. */
struct page_file page_read(enum page_name name);
#endif
