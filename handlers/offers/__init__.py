"""What people can go to: job fairs, vacancies and courses; finding them, seats, and who is registered."""
