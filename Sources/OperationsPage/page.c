#include "page.h"

/* #embed is C23; the compiler takes it in every mode and says so. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t index_html[] = {
#embed "index.html"
};
static const uint8_t page_css[] = {
#embed "page.css"
};
static const uint8_t page_js[] = {
#embed "page.js"
};
static const uint8_t words_js[] = {
#embed "words.js"
};
static const uint8_t openapi_json[] = {
#embed "openapi.json"
};

struct page_file page_read(enum page_name name) {
  switch (name) {
    case PAGE_INDEX: return (struct page_file){index_html, sizeof index_html};
    case PAGE_STYLE: return (struct page_file){page_css, sizeof page_css};
    case PAGE_SCRIPT: return (struct page_file){page_js, sizeof page_js};
    case PAGE_WORDS: return (struct page_file){words_js, sizeof words_js};
    case PAGE_OPENAPI: return (struct page_file){openapi_json, sizeof openapi_json};
  }
  return (struct page_file){0, 0};
}
