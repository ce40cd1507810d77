/* The files of the operations page and the description of its API, as bytes of the program: nothing has to be
 * installed beside it. */
#ifndef CAMPUS_PAGE_H
#define CAMPUS_PAGE_H
#include <stddef.h>
#include <stdint.h>

struct page_file {
  /* As in `/page/{name}`. */
  const char *name;
  const char *type;
  const uint8_t *bytes;
  size_t count;
};

/* Static; `index.html` is the first. Nothing beyond the last. */
const struct page_file *page_file_at(size_t index);

extern const struct page_file page_openapi;
#endif
