DROP TABLE gap_book;
