"""GA4GH passports: read, judge, take in, and give out."""
