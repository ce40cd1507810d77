#include "page.h"

/* #embed is C23; the compiler takes it in every mode and says so. */
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t index_html[] = {
#embed "index.html"
};
static const uint8_t api_js[] = {
#embed "api.js"
};
static const uint8_t chart_js[] = {
#embed "chart.js"
};
static const uint8_t classes_js[] = {
#embed "classes.js"
};
static const uint8_t device_js[] = {
#embed "device.js"
};
static const uint8_t devices_js[] = {
#embed "devices.js"
};
static const uint8_t dom_js[] = {
#embed "dom.js"
};
static const uint8_t format_js[] = {
#embed "format.js"
};
static const uint8_t held_js[] = {
#embed "held.js"
};
static const uint8_t icons_js[] = {
#embed "icons.js"
};
static const uint8_t live_js[] = {
#embed "live.js"
};
static const uint8_t narrow_css[] = {
#embed "narrow.css"
};
static const uint8_t now_js[] = {
#embed "now.js"
};
static const uint8_t page_css[] = {
#embed "page.css"
};
static const uint8_t page_js[] = {
#embed "page.js"
};
static const uint8_t quarantine_js[] = {
#embed "quarantine.js"
};
static const uint8_t satisfaction_js[] = {
#embed "satisfaction.js"
};
static const uint8_t spiral_js[] = {
#embed "spiral.js"
};
static const uint8_t tables_js[] = {
#embed "tables.js"
};
static const uint8_t views_css[] = {
#embed "views.css"
};
static const uint8_t warning_js[] = {
#embed "warning.js"
};
static const uint8_t warnings_js[] = {
#embed "warnings.js"
};
static const uint8_t words_names_js[] = {
#embed "words-names.js"
};
static const uint8_t words_views_js[] = {
#embed "words-views.js"
};
static const uint8_t words_js[] = {
#embed "words.js"
};
static const uint8_t openapi_json[] = {
#embed "openapi.json"
};

static const struct page_file files[] = {
  {"index.html", "text/html; charset=utf-8", index_html, sizeof index_html},
  {"api.js", "text/javascript; charset=utf-8", api_js, sizeof api_js},
  {"chart.js", "text/javascript; charset=utf-8", chart_js, sizeof chart_js},
  {"classes.js", "text/javascript; charset=utf-8", classes_js, sizeof classes_js},
  {"device.js", "text/javascript; charset=utf-8", device_js, sizeof device_js},
  {"devices.js", "text/javascript; charset=utf-8", devices_js, sizeof devices_js},
  {"dom.js", "text/javascript; charset=utf-8", dom_js, sizeof dom_js},
  {"format.js", "text/javascript; charset=utf-8", format_js, sizeof format_js},
  {"held.js", "text/javascript; charset=utf-8", held_js, sizeof held_js},
  {"icons.js", "text/javascript; charset=utf-8", icons_js, sizeof icons_js},
  {"live.js", "text/javascript; charset=utf-8", live_js, sizeof live_js},
  {"narrow.css", "text/css; charset=utf-8", narrow_css, sizeof narrow_css},
  {"now.js", "text/javascript; charset=utf-8", now_js, sizeof now_js},
  {"page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
  {"page.js", "text/javascript; charset=utf-8", page_js, sizeof page_js},
  {"quarantine.js", "text/javascript; charset=utf-8", quarantine_js, sizeof quarantine_js},
  {"satisfaction.js", "text/javascript; charset=utf-8", satisfaction_js, sizeof satisfaction_js},
  {"spiral.js", "text/javascript; charset=utf-8", spiral_js, sizeof spiral_js},
  {"tables.js", "text/javascript; charset=utf-8", tables_js, sizeof tables_js},
  {"views.css", "text/css; charset=utf-8", views_css, sizeof views_css},
  {"warning.js", "text/javascript; charset=utf-8", warning_js, sizeof warning_js},
  {"warnings.js", "text/javascript; charset=utf-8", warnings_js, sizeof warnings_js},
  {"words-names.js", "text/javascript; charset=utf-8", words_names_js, sizeof words_names_js},
  {"words-views.js", "text/javascript; charset=utf-8", words_views_js, sizeof words_views_js},
  {"words.js", "text/javascript; charset=utf-8", words_js, sizeof words_js},
};

const struct page_file page_openapi = {"openapi.json", "application/json", openapi_json, sizeof openapi_json};

const struct page_file *page_file_at(size_t index) {
  return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
