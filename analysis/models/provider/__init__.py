"""The provider's side: does a lease pay for the site, and how much of it to lease out?"""
