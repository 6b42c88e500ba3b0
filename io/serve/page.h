/* io/serve/page.h - the live page, built into the program. */
#ifndef EBB_IO_SERVE_PAGE_H
#define EBB_IO_SERVE_PAGE_H

#include <stddef.h>

/** page/index.html as it is. */
extern const unsigned char ebb_page[]; /* [ebb_page_bytes] */
extern const size_t ebb_page_bytes;

/** Its Content-Security-Policy: nothing from elsewhere, no script and no style
 *  but the two within it, by their hashes. */
extern const char ebb_page_policy[];

#endif
